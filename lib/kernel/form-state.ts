/**
 * What a server action answers to its form. All texts are in the reader's language already (lib/server/action.ts translates);
 * `fields` names inputs by their `name`. `T` must be plain data: it travels to the browser.
 */
export type FormState<T = null> =
  | { readonly status: "idle" }
  | { readonly status: "done"; readonly value: T; readonly message?: string }
  | { readonly status: "refused"; readonly message?: string; readonly fields: Readonly<Record<string, string>> }

/** A server action that a form calls: `useActionState`'s shape. */
export type FormAction<T = null> = (state: FormState<T>, form: FormData) => Promise<FormState<T>>
