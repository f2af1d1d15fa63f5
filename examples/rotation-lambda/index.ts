// A rotation Lambda for a PostgreSQL user on RDS: two users take turns, so that no login fails while a rotation is under way.
// Bundle it together with the driver, lay the certificates of RDS beside it (global-bundle.pem), and deploy template.yaml.
import { readFileSync } from 'node:fs'
import { createRotationHandler, postgres, type RotationHandler } from 'awscurrent/rotation'
import pg from 'pg'

const ca = readFileSync(process.env.CA_FILE ?? 'global-bundle.pem', 'utf8')

export const handler: RotationHandler = createRotationHandler({
  strategy: 'alternating-users',
  engine: postgres({ pg, ca }),
  log: event => console.log(JSON.stringify(event)),
})
