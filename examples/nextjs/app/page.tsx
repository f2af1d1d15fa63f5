import { secrets } from '../lib/secrets'

// Otherwise `next build` renders the page, with the secret of that moment.
export const dynamic = 'force-dynamic'

export default async function Page() {
  const key = await secrets().getSecret('prod/api-key')
  return <p>The key has {key.text().length} characters.</p>
}
