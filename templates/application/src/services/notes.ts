import { randomUUID } from 'node:crypto'
import type { Kysely } from 'kysely'
import { z } from 'zod'
import type { Tables } from '../tables.ts'

/** What a client sends. */
export const newNote = z.object({ text: z.string().trim().min(1).max(200) })

export type Note = Tables['notes']

/** Returns the newest notes. Knows nothing of HTTP; `db` is the database or a transaction. */
export function listNotes(db: Kysely<Tables>, limit: number): Promise<Note[]> {
  return db.selectFrom('notes').selectAll().orderBy('created', 'desc').orderBy('id').limit(limit).execute()
}

export async function addNote(db: Kysely<Tables>, { text }: z.infer<typeof newNote>): Promise<Note> {
  const note = { id: randomUUID(), text, created: new Date().toISOString() }
  await db.insertInto('notes').values(note).execute()
  return note
}
