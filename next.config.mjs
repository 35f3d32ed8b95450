import createNextIntlPlugin from "next-intl/plugin"

const withMessages = createNextIntlPlugin("./lib/server/i18n.ts")

/** @type {import("next").NextConfig} */
const config = {
  // Measured: compressing costs more than it brings on streams; a reverse proxy compresses pages.
  compress: false,
  poweredByHeader: false,
  reactStrictMode: true,
  // `npm test` checks types and lint by themselves, with better messages.
  typescript: { ignoreBuildErrors: true },
  serverExternalPackages: ["pg", "@node-rs/argon2", "@prisma/client", "@prisma/adapter-pg", "undici", "nodemailer"],
  turbopack: { root: import.meta.dirname },
  // Our own listener makes Host ours (lib/server/inbound.ts); on a plain Next host this is what the action check compares with.
  experimental: { serverActions: { allowedOrigins: URL.canParse(process.env.TURNPIKE_URL ?? "") ? [new URL(process.env.TURNPIKE_URL).host] : [] } },
}

export default withMessages(config)
