import { NothingHere } from "#components/shell/nothing-here.tsx"

/** Inside the organization: its navigation stays. An organization that one does not belong to has none, and its 404 stands above. */
export default function NotFound() {
  return (
    <div className="py-16">
      <NothingHere homeHref="/enter" />
    </div>
  )
}
