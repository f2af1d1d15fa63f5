import { secrets } from '../../../lib/secrets'

export async function GET(): Promise<Response> {
  const key = await secrets().getSecret('prod/api-key')
  return Response.json({ versionId: key.versionId, length: key.text().length })
}
