"use client"

import type { ComponentProps } from "react"
import { Button } from "#components/ui/button.tsx"
import { useForm } from "./form.tsx"

/** Sends the form around it and shows that it is on its way. */
export function SubmitButton(props: ComponentProps<typeof Button>) {
  const { pending } = useForm()
  return <Button type="submit" pending={pending} {...props} />
}
