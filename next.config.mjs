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
  // The pages' content policy has a nonce, so it comes from our own listener (lib/server/page-policy.ts). Links in addresses (an invitation,
  // a sign-in) are secrets: no other site is told where somebody comes from.
  headers: async () => [
    {
      source: "/:path*",
      headers: [
        { key: "x-content-type-options", value: "nosniff" },
        { key: "x-frame-options", value: "DENY" },
        { key: "referrer-policy", value: "same-origin" },
      ],
    },
  ],
  turbopack: { root: import.meta.dirname },
  // Our own listener makes Host ours (lib/server/inbound.ts); on a plain Next host this is what the action check compares with.
  experimental: { serverActions: { allowedOrigins: URL.canParse(process.env.TURNPIKE_URL ?? "") ? [new URL(process.env.TURNPIKE_URL).host] : [] } },
}

export default withMessages(config)
