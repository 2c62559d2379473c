// Loaded into a process and its children: every way out is refused, and written down.
'use strict';
const { appendFileSync } = require('node:fs');
const net = require('node:net');
const dns = require('node:dns');

function refuse(where) {
  appendFileSync(process.env.NETWORK_LOG, `${where}\n`);
  throw new Error(`no network here: ${where}`);
}

const connect = net.Socket.prototype.connect;
net.Socket.prototype.connect = function (...args) {
  const [first] = Array.isArray(args[0]) ? args[0] : args;
  const path = typeof first === 'string' ? first : first?.path;
  return path ? connect.apply(this, args) : refuse(JSON.stringify(first));
};
dns.lookup = refuse;
dns.promises.lookup = refuse;
