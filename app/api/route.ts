import { gatewayRoute } from "#lib/server/next-mount.ts"

/** The gateway's root `/api` in its Next mount, which clients ask whether anybody is there; the fast mount takes it before Next where it stands. */
export const dynamic = "force-dynamic"
export { gatewayRoute as GET, gatewayRoute as HEAD, gatewayRoute as OPTIONS, gatewayRoute as POST }
