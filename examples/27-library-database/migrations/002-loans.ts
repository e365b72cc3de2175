import type { Kysely } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('loans')
    // The key of the table, so that the database lends no book twice.
    .addColumn('book', 'varchar(36)', (book) => book.primaryKey())
    .addColumn('reader', 'varchar(50)', (reader) => reader.notNull())
    .addColumn('since', 'varchar(24)', (since) => since.notNull())
    .addForeignKeyConstraint('loans_book', ['book'], 'books', ['id'])
    .execute()
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await db.schema.dropTable('loans').execute()
}
