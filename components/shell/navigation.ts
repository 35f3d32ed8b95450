import { Boxes, Building2, Cable, ChartNoAxesColumn, Gauge, KeyRound, LayoutDashboard, type LucideIcon, PackageOpen, Plug, Search, Settings, Users } from "lucide-react"
import type { Role } from "#lib/kernel/actor.ts"

export type NavigationItem = {
  /** Key below `navigation` in the messages. */
  readonly label: "overview" | "keys" | "connect" | "usage" | "budgets" | "members" | "settings" | "channels" | "models" | "search" | "plans" | "organizations"
  /** Below the scope's root; the empty string is the root itself. */
  readonly path: string
  readonly icon: LucideIcon
  /** Who is shown it; everybody where absent. Only a courtesy: the page decides for itself. */
  readonly roles?: readonly Role[]
}

export type NavigationGroup = {
  /** Key below `navigation.groups`; a group without one has no heading. */
  readonly label: "build" | "manage" | "supply" | "tenants" | null
  readonly items: readonly NavigationItem[]
}

/** The tenant portal, below `/o/<slug>`. A page gets its line here in the commit that adds it. */
export const organizationNavigation: readonly NavigationGroup[] = [
  { label: null, items: [{ label: "overview", path: "", icon: LayoutDashboard }] },
  {
    label: "build",
    items: [
      { label: "keys", path: "/keys", icon: KeyRound },
      { label: "connect", path: "/connect", icon: Plug },
      { label: "usage", path: "/usage", icon: ChartNoAxesColumn },
    ],
  },
  {
    label: "manage",
    items: [
      { label: "budgets", path: "/budgets", icon: Gauge },
      { label: "members", path: "/members", icon: Users, roles: ["owner", "admin", "billing"] },
      { label: "settings", path: "/settings", icon: Settings, roles: ["owner", "admin"] },
    ],
  },
]

/** The operator's console, below `/operator`. */
export const operatorNavigation: readonly NavigationGroup[] = [
  {
    label: "supply",
    items: [
      { label: "channels", path: "/channels", icon: Cable },
      { label: "models", path: "/models", icon: Boxes },
      { label: "search", path: "/search", icon: Search },
    ],
  },
  {
    label: "tenants",
    items: [
      { label: "organizations", path: "/organizations", icon: Building2 },
      { label: "plans", path: "/plans", icon: PackageOpen },
    ],
  },
]

/** The groups that a role is shown, empty ones left out. Without a role (the operator's console) everything. */
export function navigationFor(groups: readonly NavigationGroup[], role?: Role): NavigationGroup[] {
  return groups
    .map((group) => ({ ...group, items: group.items.filter((item) => item.roles === undefined || (role !== undefined && item.roles.includes(role))) }))
    .filter((group) => group.items.length > 0)
}

/** Whether `pathname` lies in the item at `root + path`. The root's own item is only meant exactly. */
export function isCurrent(pathname: string, root: string, path: string): boolean {
  const target = root + path
  return path === "" ? pathname === target : pathname === target || pathname.startsWith(`${target}/`)
}
