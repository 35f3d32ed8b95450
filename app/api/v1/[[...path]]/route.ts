import { gatewayRoute } from "#lib/server/next-mount.ts"

/** The gateway's door `/api/v1` in its Next mount; the fast mount takes these paths before Next where it stands. */
export const dynamic = "force-dynamic"
export { gatewayRoute as DELETE, gatewayRoute as GET, gatewayRoute as HEAD, gatewayRoute as OPTIONS, gatewayRoute as PATCH, gatewayRoute as POST, gatewayRoute as PUT }
