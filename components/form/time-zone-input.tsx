"use client"

import { useId, useSyncExternalStore } from "react"
import { Input } from "#components/ui/input.tsx"

const never = () => () => {}
const browserTimeZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone

/** A time zone's IANA name, found by typing. Without `defaultValue` it starts with the browser's own. */
export function TimeZoneInput({ name, timeZones, defaultValue }: { readonly name: string; readonly timeZones: readonly string[]; readonly defaultValue?: string }) {
  const list = useId()
  const local = useSyncExternalStore(never, browserTimeZone, () => "UTC")
  const start = defaultValue ?? (timeZones.includes(local) ? local : "UTC")
  return (
    <>
      <Input key={start} name={name} list={list} defaultValue={start} required autoComplete="off" spellCheck={false} />
      <datalist id={list}>
        {timeZones.map((zone) => (
          <option key={zone} value={zone} />
        ))}
      </datalist>
    </>
  )
}
