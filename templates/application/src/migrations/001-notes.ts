import type { Kysely } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('notes')
    .addColumn('id', 'varchar(36)', (id) => id.primaryKey())
    .addColumn('text', 'varchar(200)', (text) => text.notNull())
    .addColumn('created', 'varchar(24)', (created) => created.notNull())
    .execute()
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await db.schema.dropTable('notes').execute()
}
