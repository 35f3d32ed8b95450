import { Form, type FormProps } from "./form.tsx"

/**
 * A form that spans a dialog's `DialogBody` and `DialogFooter`. It has no box of its own, so that the body scrolls between the title
 * and the footer; what no field can show stands above the body and stays in sight.
 */
export function DialogForm<T = null>(props: Omit<FormProps<T>, "className" | "refusalClassName">) {
  return <Form {...props} className="contents" refusalClassName="mx-5 mb-4 shrink-0" />
}
