/** age, loaded when the first secret needs it: it takes 5 to 20 MB, and most daemons keep no secret. */

const load = async () => import('age-encryption');

export async function newIdentity(): Promise<{ readonly identity: string; readonly recipient: string }> {
  const age = await load();
  const identity = await age.generateX25519Identity();
  return { identity, recipient: await age.identityToRecipient(identity) };
}

/** Armored text that only `identity` opens. */
export async function seal(value: string, identity: string): Promise<string> {
  const age = await load();
  const encrypter = new age.Encrypter();
  encrypter.addRecipient(await age.identityToRecipient(identity));
  return age.armor.encode(await encrypter.encrypt(value));
}

/** Undefined: another key's, or damaged. age checks the whole text, so that half a secret never comes out. */
export async function unseal(sealed: string, identity: string): Promise<string | undefined> {
  const age = await load();
  const decrypter = new age.Decrypter();
  decrypter.addIdentity(identity);
  try {
    return Buffer.from(await decrypter.decrypt(age.armor.decode(sealed))).toString('utf8'); // as 'text' it would lose a BOM
  } catch {
    return undefined;
  }
}
