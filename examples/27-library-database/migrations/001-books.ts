import type { Kysely } from 'kysely'

// The tables as they were at the time of this migration, so not those of tables.ts.
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('books')
    .addColumn('id', 'varchar(36)', (id) => id.primaryKey())
    .addColumn('title', 'varchar(100)', (title) => title.notNull())
    .addColumn('author', 'varchar(100)', (author) => author.notNull())
    .addUniqueConstraint('books_once', ['title', 'author'])
    .execute()
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await db.schema.dropTable('books').execute()
}
