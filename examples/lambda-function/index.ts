// A Lambda function that needs the secret of a database. Bundle it to index.mjs and deploy template.yaml.
import { DatabaseSecret } from 'awscurrent'
import { createLambdaCache, createRotationEventHandler, withSecrets } from 'awscurrent/lambda'

const secretId = process.env.SECRET_ID ?? 'prod/db'

// Outside the handler: it loads in the init phase. The TTL is for how long a rotation may go unnoticed.
const secrets = createLambdaCache({ secrets: [secretId], ttlMs: 60_000 })
secrets.on('error', ({ error }) => console.warn(error.code, error.message))
secrets.on('rotated', ({ name, versionId }) => console.log(`${name} is now ${versionId}`))

const refresh = createRotationEventHandler(secrets)

export const handler: (event: { source?: string }, context?: object) => Promise<object> = withSecrets(
  secrets,
  async (event, context) => {
    // Reaches one execution environment. If there are several, the others notice at the end of the TTL.
    if (event.source === 'aws.secretsmanager') return refresh(event, context)
    const { username, host } = await secrets.getSecretJson(secretId, DatabaseSecret)
    return { statusCode: 200, body: `Would log in to ${host} as ${username}.` }
  },
)
