import { writeFileSync } from 'node:fs';
import { profileJsonSchema } from './profile-schema.ts';

/** Writes the JSON Schema of profile files beside the built-in profiles, where they name it for editors. */
const file = new URL('../../profiles/profile.schema.json', import.meta.url);
writeFileSync(file, `${JSON.stringify(profileJsonSchema(), null, 2)}\n`);
