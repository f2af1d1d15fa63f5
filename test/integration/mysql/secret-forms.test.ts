import { describeSecretForms } from '../../support/secret-forms.js'
import { useTestDatabase } from './database.js'
import { mysqlWorld, whoAmI } from './world.js'

const database = useTestDatabase()

describeSecretForms({
  ...mysqlWorld(database),
  scheme: 'mysql',
  async whoAmI({ mariadb }) {
    const [rows] = await mariadb.query(whoAmI)
    return (rows as { me: string }[])[0]?.me ?? ''
  },
})
