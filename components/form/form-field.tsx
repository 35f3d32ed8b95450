"use client"

import { useTranslations } from "next-intl"
import type { ReactNode } from "react"
import { ChoiceField, Field } from "#components/ui/field.tsx"
import { useForm } from "./form.tsx"

type FormFieldProps = {
  /** The `name` of the control inside, which is given it from here (a list: `models[]`); refusals of that field are shown here. */
  readonly name: string
  readonly label: ReactNode
  readonly description?: ReactNode
  /** Says “optional” beside the label. Most fields of a form should be needed, so the exception is what is marked. */
  readonly optional?: boolean
  readonly children: ReactNode
  readonly className?: string
}

/** One field of a `Form`: label, control (which takes `name` from here), description, refusal. */
export function FormField({ name, optional = false, ...props }: FormFieldProps) {
  const t = useTranslations("common.form")
  const { fields, clear } = useForm()
  const field = name.replace(/\[\]$/, "")
  return <Field name={name} error={fields[field]} aside={optional ? t("optional") : undefined} onInput={() => clear(field)} {...props} />
}

/** One checkbox or switch of a `Form`, its words beside it. */
export function FormChoice({ name, label, description, children, className }: Omit<FormFieldProps, "optional">) {
  const { fields, clear } = useForm()
  return (
    <ChoiceField name={name} label={label} description={description} error={fields[name]} onInput={() => clear(name)} className={className}>
      {children}
    </ChoiceField>
  )
}
