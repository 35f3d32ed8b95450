import { createReadStream, createWriteStream } from "node:fs"
import { rename, rm } from "node:fs/promises"
import { Readable } from "node:stream"
import { pipeline } from "node:stream/promises"
import { createGunzip, createGzip } from "node:zlib"

const FORMAT = 1
const LINE_BYTES_MAX = 1024 * 1024
const NEWLINE = 10

/** The first line of a backup. */
export type BackupHeader = {
  readonly turnpike: typeof FORMAT
  readonly createdAt: string
  /** The root secret: without it neither keys nor credentials of the data can be used. */
  readonly secret: string
  /** Names of the migrations that the data's schema is made of. */
  readonly migrations: readonly string[]
  readonly partitions: readonly { readonly name: string; readonly parent: string; readonly bound: string }[]
}

/** One table of a backup: rows in Postgres' COPY text format, whole rows per chunk. */
export type BackupTable = { readonly name: string; readonly columns: readonly string[]; readonly rows: AsyncIterable<Buffer> }

/** The file is no backup, or not a whole one. */
export class DamagedBackup extends Error {}

export const backupHeader = (header: Omit<BackupHeader, "turnpike">): BackupHeader => ({ turnpike: FORMAT, ...header })

/**
 * Writes a backup: gzip of lines of JSON, each of which may announce so many bytes of rows behind it. The last line counts tables
 * and rows, so that a file that was cut short is known by its lack. The file appears under its name when it is whole, readable by
 * its owner alone.
 */
export async function writeBackupFile(path: string, header: BackupHeader, tables: AsyncIterable<BackupTable>): Promise<{ readonly tables: number; readonly rows: number }> {
  const draft = `${path}.partial`
  const total = { tables: 0, rows: 0 }
  async function* lines(): AsyncGenerator<Buffer> {
    yield jsonLine(header)
    for await (const table of tables) {
      yield jsonLine({ table: table.name, columns: table.columns })
      total.tables++
      for await (const chunk of table.rows) {
        yield jsonLine({ bytes: chunk.length })
        yield chunk
        for (const byte of chunk) if (byte === NEWLINE) total.rows++
      }
    }
    yield jsonLine({ end: total })
  }
  try {
    await pipeline(Readable.from(lines()), createGzip(), createWriteStream(draft, { mode: 0o600, flush: true }))
    await rename(draft, path)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
  return total
}

const jsonLine = (value: unknown): Buffer => Buffer.from(`${JSON.stringify(value)}\n`)

type Line = { readonly table?: string; readonly columns?: readonly string[]; readonly bytes?: number; readonly end?: { readonly tables: number; readonly rows: number } }

/**
 * Opens a backup and gives its header and its tables, which must be read in order, each to its end. Rejects with `DamagedBackup`
 * where the file is none, or ends too early.
 */
export async function openBackupFile(path: string): Promise<{ readonly header: BackupHeader; tables(): AsyncGenerator<BackupTable> }> {
  const reader = createReader(path)
  const header = (await reader.line()) as BackupHeader
  if (header.turnpike !== FORMAT) throw new DamagedBackup(`${path} is not a Turnpike backup that this version can read.`)
  return { header, tables: () => readTables(reader, path) }
}

async function* readTables(reader: Reader, path: string): AsyncGenerator<BackupTable> {
  const total = { tables: 0, rows: 0 }
  let line = (await reader.line()) as Line
  const rows = async function* (): AsyncGenerator<Buffer> {
    for (line = (await reader.line()) as Line; line.bytes !== undefined; line = (await reader.line()) as Line) {
      const chunk = await reader.bytes(line.bytes)
      for (const byte of chunk) if (byte === NEWLINE) total.rows++
      yield chunk
    }
  }
  while (line.table !== undefined) {
    total.tables++
    yield { name: line.table, columns: line.columns ?? [], rows: rows() }
  }
  if (line.end?.tables !== total.tables || line.end.rows !== total.rows) throw new DamagedBackup(`${path} does not hold all rows that it counts: take another backup.`)
}

type Reader = { line(): Promise<unknown>; bytes(count: number): Promise<Buffer> }

function createReader(path: string): Reader {
  const gunzip = createGunzip()
  const file = createReadStream(path).on("error", (error) => gunzip.destroy(error))
  const source = file.pipe(gunzip)[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  let rest: Buffer = Buffer.alloc(0)
  const more = async () => {
    const next = await source.next().catch((error: NodeJS.ErrnoException) => {
      throw error.code?.startsWith("Z_") ? new DamagedBackup(`${path} is damaged or no Turnpike backup: take another one.`) : error
    })
    if (next.done === true) throw new DamagedBackup(`${path} ends too early: take another backup.`)
    rest = Buffer.concat([rest, next.value])
  }
  const take = (count: number): Buffer => {
    const taken = rest.subarray(0, count)
    rest = rest.subarray(count)
    return taken
  }
  return {
    async line() {
      while (!rest.includes(NEWLINE)) {
        if (rest.length > LINE_BYTES_MAX) throw new DamagedBackup(`${path} is damaged or no Turnpike backup: take another one.`)
        await more()
      }
      const text = take(rest.indexOf(NEWLINE) + 1).toString("utf8")
      try {
        return JSON.parse(text) as unknown
      } catch {
        throw new DamagedBackup(`${path} is damaged or no Turnpike backup: take another one.`)
      }
    },
    async bytes(count) {
      while (rest.length < count) await more()
      return take(count)
    },
  }
}
