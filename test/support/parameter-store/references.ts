import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { type ParameterServiceUnderTest, refused, useParameterStore } from './scene.js'

/** What a parameter answers that refers to a secret. */
export function describeParameterReferences(title: string, under: ParameterServiceUnderTest): void {
  describe(`${title}: references`, () => {
    const { service, get, itDiffers } = useParameterStore(under)

    itDiffers('reads a secret of Secrets Manager', 'under the name of the secret and an ARN that no secret has', async isMoto => {
      const id = `conformance/${randomUUID()}`
      const { arn, versionId } = await service().createSecret(id, 'a secret')
      const name = `/aws/reference/secretsmanager/${id}`
      const { SourceResult = '', ...parameter } = await get(name)
      expect(parameter).toMatchObject({ Type: 'SecureString', Value: 'a secret', Version: 0 })
      expect([parameter.Name, parameter.ARN]).toEqual(
        isMoto ? [id, `arn:aws:ssm:eu-west-1:123456789012:parameter/${id}`] : [name, arn],
      )
      const source = JSON.parse(SourceResult)
      if (isMoto) expect(source).toMatchObject({ ARN: arn, Name: id })
      else {
        expect(source).toMatchObject({ ARN: arn, name: id, versionId, secretString: 'a secret' })
        expect(source.versionStages).toEqual(['AWSCURRENT'])
      }
    })

    it('reads a secret only with its decryption', async () => {
      const name = `/aws/reference/secretsmanager/${randomUUID()}`
      expect(await refused(get(name, false))).toEqual({
        name: 'ValidationException',
        message: 'WithDecryption flag must be True for retrieving a Secret Manager secret.',
      })
    })

    itDiffers('says which secret is missing', 'in other words', async isMoto => {
      const id = randomUUID()
      const shown = isMoto ? `/aws/reference/secretsmanager/${id}` : `aws/reference/secretsmanager/${id}null`
      expect(await refused(get(`/aws/reference/secretsmanager/${id}`))).toEqual({
        name: 'ParameterNotFound',
        message: `An error occurred (ParameterNotFound) when referencing Secrets Manager: Secret ${shown} not found.`,
      })
    })

    itDiffers('reads versions of a secret by their ids and labels', 'it omits the selector', async isMoto => {
      const id = `conformance/${randomUUID()}`
      const { versionId } = await service().createSecret(id, 'one')
      await service().putSecret(id, 'two')
      const name = `/aws/reference/secretsmanager/${id}`
      expect((await get(name)).Value).toBe('two')
      for (const selector of [versionId, 'AWSPREVIOUS']) {
        const asked = isMoto ? {} : { Name: name, Selector: `:${selector}` }
        expect(await get(`${name}:${selector}`)).toMatchObject({ ...asked, Value: 'one' })
      }
    })
  })
}
