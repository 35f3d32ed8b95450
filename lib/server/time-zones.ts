/** The IANA time zones that this runtime knows, `UTC` first. */
export const timeZones = (): readonly string[] => ["UTC", ...Intl.supportedValuesOf("timeZone").filter((name) => name !== "UTC")]
