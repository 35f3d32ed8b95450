import type { ReactNode } from "react"
import { CenteredShell } from "#components/shell/centered.tsx"

export default function AuthLayout({ children }: { readonly children: ReactNode }) {
  return <CenteredShell>{children}</CenteredShell>
}
