import { generateKeyPairSync, randomUUID } from 'node:crypto'
import pg from 'pg'
import { register } from 'tsx/esm/api'

register()
const support = name => import(`../../test/support/${name}.ts`)
const { startPostgres } = await support('postgres')
const { PostgresGate } = await support('postgres-gate')
const { RoleKeys } = await support('role-keys')
export const { faultOf } = await support('token-check')
const { makeCertificate } = await support('x509')

/** The connector of DSQL takes a name without a dot for the id of a cluster. */
const [host, region] = ['127.0.0.1', 'eu-west-1']
const dayMs = 86_400_000

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const dates = { validFrom: new Date(Date.now() - dayMs), validTo: new Date(Date.now() + dayMs) }
const cert = makeCertificate({ publicKey, privateKey, name: 'localhost', ...dates })
const key = privateKey.export({ type: 'pkcs8', format: 'pem' })

/** A PostgreSQL, and gates in front of it that let in by tokens of IAM alone, whose signatures they check. */
export async function startIamServer() {
  const server = await startPostgres({ auth: 'password', settings: { log_statement: 'none' } })
  const { port, ca, username, password } = server
  const admin = new pg.Client({ host: 'localhost', port, user: username, password, database: 'postgres', ssl: { ca } })
  await admin.connect()
  const makeUser = async () => {
    const made = { user: `app_${randomUUID().slice(0, 8)}`, password: randomUUID() }
    await admin.query(`CREATE ROLE ${made.user} LOGIN PASSWORD '${made.password}'`)
    return made
  }
  return {
    /** The server itself, which knows passwords only. */
    address: { host: 'localhost', port, database: 'postgres', ssl: { ca } },
    makeUser,
    setPassword: (user, to) => admin.query(`ALTER ROLE ${user} PASSWORD '${to}'`),

    /**
     * Opens a gate for one user.
     *
     * @param {object} options
     * @param {'rds-db' | 'dsql'} options.service
     * @param {() => number} [options.now] The time at the gate.
     * @param {number} [options.keysLiveMs] How long the AWS credentials that sign last.
     */
    async openGate({ service, now = Date.now, keysLiveMs }) {
      const made = await makeUser()
      const keys = new RoleKeys(now, { lifeMs: keysLiveMs })
      const decide = ({ user, password: token }) => {
        const fault = faultOf(token, purposeOf(service, user, gate.port), { keyOf: id => keys.keyOf(id), now })
        return fault && { code: '28000', message: `PAM authentication failed for user "${user}": ${fault}` }
      }
      const gate = await PostgresGate.open({ behind: { port, password: () => made.password }, decide, tls: { key, cert } })
      return {
        login: { host, port: gate.port, user: made.user, region },
        database: { database: 'postgres', ssl: { ca: cert, servername: 'localhost' } },
        keys,
        logins: gate.logins,
        stop: () => gate.stop(),
      }
    },
    async stop() {
      await admin.end()
      await server.stop()
    },
  }
}

function purposeOf(service, user, port) {
  return service === 'rds-db'
    ? { service, region, endpoint: `${host}:${port}`, query: { Action: 'connect', DBUser: user } }
    : { service, region, endpoint: host, query: { Action: 'DbConnect' } }
}
