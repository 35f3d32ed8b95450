import { NothingHere } from "#components/shell/nothing-here.tsx"

/** Inside the public pages' own shell. */
export default function NotFound() {
  return (
    <div className="py-16">
      <NothingHere homeHref="/" />
    </div>
  )
}
