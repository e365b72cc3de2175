import { startEngine } from './engines.ts'

// Starts PostgreSQL and MariaDB for the tests of a run and leaves them running. What it writes is for a shell:
// eval "$(npx tsx test/database/start-engines.ts)" sets POSTGRES_URL, MARIADB_URL and ENGINE_PIDS.
const [postgres, mysql] = await Promise.all([
  startEngine('postgres', { outlives: true }),
  startEngine('mysql', { outlives: true }),
])
console.log(`export POSTGRES_URL=${postgres.url}`)
console.log(`export MARIADB_URL=${mysql.url}`)
console.log(`ENGINE_PIDS='${postgres.pid} ${mysql.pid}'`)
