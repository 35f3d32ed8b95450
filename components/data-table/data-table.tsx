import type { ReactNode } from "react"
import { Card } from "#components/ui/card.tsx"
import { cn } from "#components/ui/cn.ts"
import { Pagination } from "#components/ui/pagination.tsx"
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from "#components/ui/table.tsx"

export type Column<Row> = {
  readonly id: string
  readonly header: ReactNode
  readonly cell: (row: Row) => ReactNode
  /** Numbers stand right and in figures of one width. */
  readonly align?: "left" | "right"
  /** Dropped on small screens, for what is also on the row's own page. */
  readonly wideOnly?: boolean
  /** On small screens the cell has a line of its own below the row's others: for what needs width. */
  readonly below?: boolean
  readonly className?: string
}

type DataTableProps<Row> = {
  /** The table's accessible name. */
  readonly label: string
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
  readonly rowKey: (row: Row) => string
  /** What stands in place of the table when there is no row: an `EmptyState`. */
  readonly empty: ReactNode
  /** Above the table: filters, a search. */
  readonly toolbar?: ReactNode
  /** Where the list goes on (keyset cursor in the URL) and begins; null where it does not. */
  readonly firstHref?: string | null
  readonly nextHref?: string | null
  readonly className?: string
}

/** A row whose cells share lines on small screens; the row draws the border that its cells draw elsewhere. */
const stackedRow = "max-sm:flex max-sm:flex-wrap max-sm:items-center max-sm:border-b max-sm:border-border max-sm:py-1.5 max-sm:last:border-b-0"
const stackedCell = "max-sm:h-auto max-sm:min-w-0 max-sm:border-b-0 max-sm:first:flex-1 max-sm:empty:hidden"
const belowCell = "max-sm:order-last max-sm:h-auto max-sm:w-full max-sm:border-b-0 max-sm:pl-4"

/** A list that the server read one page of. Rendered on the server; interactive cells are client components of their own. */
export function DataTable<Row>({ label, columns, rows, rowKey, empty, toolbar, firstHref = null, nextHref = null, className }: DataTableProps<Row>) {
  const isStacked = columns.some((column) => column.below === true)
  const cellClass = (column: Column<Row>) => cn(column.align === "right" && "text-right tabular-nums", column.wideOnly === true && "hidden md:table-cell", column.className)
  return (
    <Card className={cn("overflow-hidden", className)}>
      {toolbar !== undefined && toolbar !== false && <div className="flex flex-wrap items-center gap-2 border-b border-border px-4 py-2.5">{toolbar}</div>}
      {rows.length === 0 ? (
        empty
      ) : (
        <Table aria-label={label}>
          <TableHeader>
            <tr className={cn(isStacked && "max-sm:sr-only")}>
              {columns.map((column) => (
                <TableHead key={column.id} className={cellClass(column)}>
                  {column.header}
                </TableHead>
              ))}
            </tr>
          </TableHeader>
          <TableBody>
            {rows.map((row) => (
              <TableRow key={rowKey(row)} className={cn(isStacked && stackedRow)}>
                {columns.map((column) => (
                  <TableCell key={column.id} className={cn(cellClass(column), isStacked && (column.below === true ? belowCell : stackedCell))}>
                    {column.cell(row)}
                  </TableCell>
                ))}
              </TableRow>
            ))}
          </TableBody>
        </Table>
      )}
      <Pagination firstHref={firstHref} nextHref={nextHref} />
    </Card>
  )
}
