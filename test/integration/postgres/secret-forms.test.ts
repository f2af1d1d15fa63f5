import { describeSecretForms } from '../../support/secret-forms.js'
import { useTestDatabase } from './database.js'
import { postgresWorld, whoAmI } from './world.js'

const database = useTestDatabase()

describeSecretForms({
  ...postgresWorld(database),
  scheme: 'postgres',
  async whoAmI({ postgres }) {
    const { rows } = await postgres.query(whoAmI)
    return rows[0].me
  },
})
