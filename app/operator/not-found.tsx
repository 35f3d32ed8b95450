import { NothingHere } from "#components/shell/nothing-here.tsx"

/** Inside the console: its navigation stays. */
export default function NotFound() {
  return (
    <div className="py-16">
      <NothingHere homeHref="/operator" />
    </div>
  )
}
