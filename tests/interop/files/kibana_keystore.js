// The algorithm of Kibana's src/cli/keystore/lib/keystore.ts with Node's own crypto.
//   node kibana_keystore.js load FILE        prints the entries as JSON
//   node kibana_keystore.js save FILE        takes the entries as JSON from stdin
// The password is taken from the variable KEYSTORE_PASSWORD.
'use strict';
const crypto = require('crypto');
const fs = require('fs');

const password = process.env.KEYSTORE_PASSWORD || '';
const keyOf = (salt) => crypto.pbkdf2Sync(password, salt, 10000, 32, 'sha512');
const [command, file] = process.argv.slice(2);

if (command === 'save') {
  const [salt, iv] = [crypto.randomBytes(64), crypto.randomBytes(12)];
  const cipher = crypto.createCipheriv('aes-256-gcm', keyOf(salt), iv);
  const text = Buffer.concat([cipher.update(fs.readFileSync(0, 'utf8'), 'utf8'), cipher.final()]);
  fs.writeFileSync(file, '1:' + Buffer.concat([salt, iv, cipher.getAuthTag(), text]).toString('base64'));
} else {
  const data = Buffer.from(fs.readFileSync(file).toString().split(':')[1], 'base64');
  const decipher = crypto.createDecipheriv('aes-256-gcm', keyOf(data.subarray(0, 64)), data.subarray(64, 76));
  decipher.setAuthTag(data.subarray(76, 92));
  process.stdout.write(decipher.update(data.subarray(92), undefined, 'utf8') + decipher.final('utf8'));
}
