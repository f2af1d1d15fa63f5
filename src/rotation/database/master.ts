import type { RotationContext } from '../engine.js'
import { rotationError } from '../rotation-error.js'
import type { Database, DatabaseEngineOptions, Login, MasterAddress } from './database.js'
import { parseDatabaseSecret, wantsTls } from './rotated-secret.js'
import { isSameHost } from './same-user.js'

/** The tags with which RDS names the owner of a secret that it manages. */
const ownerTags = ['aws:rds:primaryDBInstanceArn', 'aws:rds:primaryDBClusterArn']

/** What is needed to find the master of a database. */
export interface MasterSearch {
  database: Database
  context: RotationContext
  /** The login of the user that is rotated. */
  current: Login
  locateMaster: DatabaseEngineOptions['locateMaster']
}

/**
 * The master's login. Its address and TLS come from its own secret, from RDS or from the engine's defaults, never from the secret that is
 * rotated: otherwise anyone who can write that secret could have the master's password sent to their own server, or in plaintext.
 */
export async function readMasterLogin(
  masterarn: string,
  { database, context, current, locateMaster }: MasterSearch,
): Promise<Login> {
  const { secretId } = context
  const text = await context.readSecret(masterarn)
  const { fields, values } = parseDatabaseSecret(text, { secretId: masterarn, database })
  const { username, password, host } = values
  const address: MasterAddress = host === undefined ? await locate(masterarn, context, locateMaster) : { host, port: values.port }
  if (!isSameHost(address.host, current.host)) {
    throw rotationError({
      message: `Current database host ${current.host} is not the same host as/rds replica of master ${address.host}`,
      secretId,
    })
  }
  if (address.port !== undefined && !isPort(address.port))
    throw rotationError({ message: `The port of master ${address.host} is not a number from 1 to 65535.`, secretId })
  const port = address.port ?? database.defaultPort
  return { host: address.host, port, username, password, dbname: values.dbname, tls: wantsTls(fields) }
}

async function locate(
  masterarn: string,
  context: RotationContext,
  locateMaster: DatabaseEngineOptions['locateMaster'],
): Promise<MasterAddress> {
  const tags = await context.readTags(masterarn)
  const owner = ownerTags.map(tag => tags.get(tag)).find(arn => arn !== undefined)
  if (owner === undefined) throw rotationError({ message: 'host key is missing from secret JSON', secretId: masterarn })
  if (locateMaster !== undefined) return locateMaster(owner)
  throw rotationError({
    message: `The master secret ${masterarn} is managed by RDS and has no host.`,
    secretId: context.secretId,
    hint: `Pass the engine a function locateMaster that asks RDS for the endpoint of ${owner}.`,
  })
}

function isPort(port: unknown): boolean {
  return Number.isInteger(port) && (port as number) > 0 && (port as number) < 65_536
}
