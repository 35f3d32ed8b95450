/** What every dialog about an organization's money is told. */
export type MoneyDialogProps = { readonly organizationId: string; readonly name: string; readonly open: boolean; readonly onOpenChange: (open: boolean) => void }
