"use client"

import { useTranslations } from "next-intl"
import { type ComponentProps, createContext, type FormEvent, type ReactNode, startTransition, useActionState, useContext, useMemo, useRef, useState } from "react"
import { toast } from "sonner"
import type { FormAction, FormState } from "#lib/kernel/form-state.ts"
import { Alert } from "#components/ui/alert.tsx"
import { cn } from "#components/ui/cn.ts"
import { faultOf, type FieldFault } from "./faults.ts"

type Fields = Readonly<Record<string, string>>

type FormContextValue = { readonly fields: Fields; readonly pending: boolean; readonly clear: (name: string) => void }

const FormContext = createContext<FormContextValue>({ fields: {}, pending: false, clear: () => {} })

/** The state of the form around: the refused fields by name, and whether it is on its way. */
export const useForm = () => useContext(FormContext)

export type FormProps<T> = Omit<ComponentProps<"form">, "action" | "onSubmit" | "children"> & {
  readonly action: FormAction<T>
  /** Said in a toast once the action is done, unless the action answers with a message of its own. */
  readonly doneMessage?: string
  /** Called once the action is done: close the dialog, show the new key. */
  readonly onDone?: (value: T) => void
  /** Empty the fields once done, for a form that stays open. */
  readonly resetOnDone?: boolean
  /** Where the form has no box of its own: the distances around what stands on top. */
  readonly refusalClassName?: string
  readonly children: ReactNode
}

/**
 * A form over a server action. Checks what HTML can check (`required`, `type`, `min` …) in the reader's language first, then
 * calls the action; shows its refusals beside the fields they name, the rest on top, and moves the focus to the first one.
 * Keeps what was typed when the action refuses (React would empty a plain `<form action>`).
 */
export function Form<T = null>({ action, doneMessage, onDone, resetOnDone = false, className, refusalClassName, children, ...props }: FormProps<T>) {
  const t = useTranslations("common.form")
  const form = useRef<HTMLFormElement>(null)
  const [fields, setFields] = useState<Fields>({})
  const [state, dispatch, pending] = useActionState<FormState<T>, FormData>(
    async (previous, data) => {
      const next = await action(previous, data)
      if (next.status === "done") {
        const said = next.message ?? doneMessage
        if (said !== undefined) toast.success(said)
        if (resetOnDone) form.current?.reset()
        onDone?.(next.value)
      }
      if (next.status === "refused") refuse(next.fields)
      return next
    },
    { status: "idle" },
  )

  const refuse = (refused: Fields) => {
    setFields(refused)
    const first = controls(form.current).find((control) => refused[fieldOf(control)] !== undefined)
    first?.focus()
  }

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    // A form in a portal inside this one's tree bubbles through React, though not through the document.
    event.stopPropagation()
    const faults = new Map<string, string>()
    for (const control of controls(event.currentTarget)) {
      const fault = faultOf(control)
      if (fault !== null) faults.set(fieldOf(control), faultText(t, fault))
    }
    if (faults.size > 0) return refuse(Object.fromEntries(faults))
    setFields({})
    const submitter = (event.nativeEvent as SubmitEvent).submitter
    const data = new FormData(event.currentTarget, submitter)
    startTransition(() => dispatch(data))
  }

  const context = useMemo(() => ({ fields, pending, clear: (name: string) => setFields(({ [name]: _cleared, ...rest }) => rest) }), [fields, pending])
  const orphans = state.status === "refused" && !pending ? orphaned(state, form.current) : []
  return (
    <FormContext value={context}>
      <form ref={form} noValidate onSubmit={submit} className={cn("grid gap-4", className)} {...props}>
        {orphans.length > 0 && (
          <Alert tone="danger" className={refusalClassName}>
            {orphans.map((text) => (
              <p key={text}>{text}</p>
            ))}
          </Alert>
        )}
        {children}
      </form>
    </FormContext>
  )
}

/** The field of a control: a list's controls are all named `models[]`, and a refusal names `models`. */
const fieldOf = (control: Control): string => control.name.replace(/\[\]$/, "")

type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement

function controls(form: HTMLFormElement | null): Control[] {
  return [...(form?.elements ?? [])].filter((element): element is Control => (element instanceof HTMLInputElement || element instanceof HTMLSelectElement || element instanceof HTMLTextAreaElement) && element.name !== "")
}

/** The refusals that no field on the screen can show: they stand on top of the form. */
function orphaned(state: Extract<FormState<unknown>, { status: "refused" }>, form: HTMLFormElement | null): string[] {
  const names = new Set(controls(form).map(fieldOf))
  const texts = Object.entries(state.fields).filter(([name]) => !names.has(name))
  return [...(state.message === undefined ? [] : [state.message]), ...texts.map(([, text]) => text)]
}

function faultText(t: ReturnType<typeof useTranslations<"common.form">>, fault: FieldFault): string {
  switch (fault.kind) {
    case "missing":
      return t("missing")
    case "email":
      return t("email")
    case "url":
      return t("url")
    case "short":
      return t("short", { min: fault.min })
    case "long":
      return t("long", { max: fault.max })
    case "below":
      return t("below", { min: fault.min })
    case "above":
      return t("above", { max: fault.max })
    case "form":
      return t("form")
  }
}
