// What JavaScript finds beside the language, written over a few functions of the machine. The file is one function: it
// gets these functions and returns what `require` knows.
(function (machine) {
  'use strict';

  const encodings = ['utf8', 'hex', 'base64', 'base64url'];
  const aliases = { undefined: 'utf8', 'utf-8': 'utf8', utf8: 'utf8', hex: 'hex', base64: 'base64', base64url: 'base64url' };

  function named(encoding) {
    const known = aliases[String(encoding).toLowerCase()];
    if (known === undefined) {
      throw new TypeError('"' + encoding + '" encoding is not supported: one of ' + encodings.join(', '));
    }
    return known;
  }

  function bytesOf(value, encoding) {
    if (typeof value === 'string') {
      return new Uint8Array(machine.encode(value, named(encoding)));
    }
    if (value instanceof ArrayBuffer) {
      return new Uint8Array(value);
    }
    if (ArrayBuffer.isView(value)) {
      return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    }
    throw new TypeError('a string, a Buffer or a typed array is needed');
  }

  // Most functions need little of this: what takes time to make is made when it is asked for.
  function later(object, name, make) {
    Object.defineProperty(object, name, {
      configurable: true, enumerable: true,
      get: function () {
        const value = make();
        Object.defineProperty(object, name, { configurable: true, enumerable: true, writable: true, value: value });
        return value;
      },
      set: function (value) {
        Object.defineProperty(object, name, { configurable: true, enumerable: true, writable: true, value: value });
      },
    });
  }

  // globals has what this file needs of itself, whatever a script does to the names that it sees.
  const globals = {};
  later(globals, 'Buffer', makeBuffer);

  function makeBuffer() {
    class Buffer extends Uint8Array {
      static from(value, encoding, length) {
        if (value instanceof ArrayBuffer) {
          return new Buffer(value, encoding, length);
        }
        if (typeof value === 'string') {
          return new Buffer(machine.encode(value, named(encoding)));
        }
        if (value && value.type === 'Buffer' && Array.isArray(value.data)) {
          value = value.data;
        }
        const b = new Buffer(value.length);
        for (let i = 0; i < value.length; i++) {
          b[i] = value[i];
        }
        return b;
      }

      static alloc(size, fill, encoding) {
        const b = new Buffer(size);
        return fill === undefined ? b : b.fill(fill, 0, size, encoding);
      }

      static allocUnsafe(size) {
        return new Buffer(size);
      }

      static byteLength(value, encoding) {
        return bytesOf(value, encoding).length;
      }

      static compare(a, b) {
        for (let i = 0; i < Math.min(a.length, b.length); i++) {
          if (a[i] !== b[i]) {
            return a[i] < b[i] ? -1 : 1;
          }
        }
        return Math.sign(a.length - b.length);
      }

      static concat(list, total) {
        if (total === undefined) {
          total = list.reduce((sum, b) => sum + b.length, 0);
        }
        const all = new Buffer(total);
        let at = 0;
        for (const b of list) {
          const part = b.subarray(0, total - at);
          all.set(part, at);
          at += part.length;
        }
        return all;
      }

      static isBuffer(value) {
        return value instanceof Buffer;
      }

      static isEncoding(encoding) {
        return typeof encoding === 'string' && aliases[encoding.toLowerCase()] !== undefined;
      }

      compare(other) {
        return Buffer.compare(this, other);
      }

      equals(other) {
        return Buffer.compare(this, other) === 0;
      }

      copy(target, targetStart, start, end) {
        const part = this.subarray(start || 0, end === undefined ? this.length : end);
        const fits = part.subarray(0, target.length - (targetStart || 0));
        target.set(fits, targetStart || 0);
        return fits.length;
      }

      fill(value, start, end, encoding) {
        if (typeof value === 'number') {
          return super.fill(value, start, end);
        }
        const bytes = bytesOf(value, encoding);
        const to = end === undefined ? this.length : end;
        for (let i = start || 0; i < to; i++) {
          this[i] = bytes.length === 0 ? 0 : bytes[(i - (start || 0)) % bytes.length];
        }
        return this;
      }

      indexOf(value, from, encoding) {
        if (typeof value === 'number') {
          return super.indexOf(value & 255, from);
        }
        const bytes = bytesOf(value, encoding);
        for (let i = from || 0; i + bytes.length <= this.length; i++) {
          if (Buffer.compare(this.subarray(i, i + bytes.length), bytes) === 0) {
            return i;
          }
        }
        return -1;
      }

      includes(value, from, encoding) {
        return this.indexOf(value, from, encoding) !== -1;
      }

      slice(start, end) {
        return this.subarray(start, end); // unlike that of other arrays it is a view
      }

      toString(encoding, start, end) {
        return machine.decode(bytesOf(this.subarray(start || 0, end === undefined ? this.length : end)), named(encoding));
      }

      toJSON() {
        return { type: 'Buffer', data: Array.from(this) };
      }

      write(text, offset, length, encoding) {
        const bytes = bytesOf(text, encoding);
        const room = Math.min(length === undefined ? Infinity : length, this.length - (offset || 0));
        const part = bytes.subarray(0, room);
        this.set(part, offset || 0);
        return part.length;
      }
    }

    // readInt16BE, writeUInt32LE and so on.
    [['Int8', 1], ['Int16', 2], ['Int32', 4], ['UInt8', 1], ['UInt16', 2], ['UInt32', 4], ['Float', 4], ['Double', 8]]
      .forEach(function (kind) {
        const native = { Float: 'Float32', Double: 'Float64' }[kind[0]] || kind[0].replace('UInt', 'Uint');
        (kind[1] === 1 ? [''] : ['BE', 'LE']).forEach(function (order) {
          Buffer.prototype['read' + kind[0] + order] = function (offset) {
            return new DataView(this.buffer, this.byteOffset, this.byteLength)['get' + native](offset || 0, order === 'LE');
          };
          Buffer.prototype['write' + kind[0] + order] = function (value, offset) {
            new DataView(this.buffer, this.byteOffset, this.byteLength)['set' + native](offset || 0, value, order === 'LE');
            return (offset || 0) + kind[1];
          };
        });
      });

    return Buffer;
  }

  function hashing(digest) {
    const Buffer = globals.Buffer;
    let data = Buffer.alloc(0);
    let done = false;
    return {
      update: function (more, encoding) {
        if (done) {
          throw new Error('Digest already called');
        }
        data = Buffer.concat([data, bytesOf(more, encoding)]);
        return this;
      },
      digest: function (encoding) {
        if (done) {
          throw new Error('Digest already called');
        }
        done = true;
        const sum = new Buffer(digest(bytesOf(data)));
        return encoding === undefined ? sum : sum.toString(encoding);
      },
    };
  }

  const makeCrypto = () => ({
    createHash: function (algorithm) {
      machine.algorithm(algorithm);
      return hashing((data) => machine.digest(algorithm, data));
    },
    createHmac: function (algorithm, key) {
      machine.algorithm(algorithm);
      return hashing((data) => machine.hmac(algorithm, bytesOf(key), data));
    },
  });

  function escape(text) {
    return encodeURIComponent(text).replace(/[']/g, '%27').replace(/%7E/g, '~');
  }

  function unescape(text) {
    return machine.unescape(String(text));
  }

  function makeQuerystring() {
    const querystring = {
      escape: escape,
      unescape: unescape,
      parse: function (text, separator, equal, options) {
        const read = (options && options.decodeURIComponent) || querystring.unescape;
        const most = options && options.maxKeys !== undefined ? options.maxKeys : 1000;
        const found = {};
        let parts = String(text).split(separator || '&').filter((part) => part !== '');
        if (most > 0) {
          parts = parts.slice(0, most);
        }
        parts.forEach(function (part) {
          part = part.replace(/\+/g, ' ');
          const at = part.indexOf(equal || '=');
          const name = read(at < 0 ? part : part.slice(0, at));
          const value = at < 0 ? '' : read(part.slice(at + (equal || '=').length));
          if (!Object.prototype.hasOwnProperty.call(found, name)) {
            found[name] = value;
          } else if (Array.isArray(found[name])) {
            found[name].push(value);
          } else {
            found[name] = [found[name], value];
          }
        });
        return found;
      },
      stringify: function (object, separator, equal, options) {
        const write = (options && options.encodeURIComponent) || querystring.escape;
        const parts = [];
        Object.keys(object || {}).forEach(function (name) {
          [].concat(object[name]).forEach(function (value) {
            const text = ['string', 'number', 'boolean', 'bigint'].includes(typeof value) ? String(value) : '';
            parts.push(write(name) + (equal || '=') + write(text));
          });
        });
        return parts.join(separator || '&');
      },
    };
    querystring.decode = querystring.parse;
    querystring.encode = querystring.stringify;
    return querystring;
  }

  const makeEncoder = () => class TextEncoder {
    get encoding() {
      return 'utf-8';
    }

    encode(text) {
      return bytesOf(text === undefined ? '' : String(text));
    }

    encodeInto(text, into) {
      const bytes = this.encode(text).subarray(0, into.length);
      into.set(bytes);
      return { read: machine.decode(bytes, 'utf8').length, written: bytes.length };
    }
  };

  const makeDecoder = () => class TextDecoder {
    constructor(encoding, options) {
      named(encoding);
      this.encoding = 'utf-8';
      this.fatal = Boolean(options && options.fatal);
      this.ignoreBOM = Boolean(options && options.ignoreBOM);
    }

    decode(bytes) {
      const view = bytes === undefined ? new Uint8Array(0) : bytesOf(bytes);
      if (this.fatal && !machine.valid(view)) {
        throw new TypeError('The encoded data was not valid');
      }
      const text = machine.decode(view, 'utf8');
      return !this.ignoreBOM && text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
    }
  };

  function shown(value) {
    if (typeof value === 'object' && value !== null && !(value instanceof Error)) {
      return JSON.stringify(value);
    }
    return value instanceof Error ? String(value.stack || value) : String(value);
  }

  const log = (...values) => machine.log(values.map(shown).join(' '));

  later(globalThis, 'Buffer', () => globals.Buffer);
  later(globalThis, 'TextEncoder', makeEncoder);
  later(globalThis, 'TextDecoder', makeDecoder);
  Object.assign(globalThis, {
    console: { log: log, info: log, warn: log, error: log, debug: log },
    atob: (text) => machine.binary(machine.encode(String(text), 'base64')),
    btoa: (text) => machine.decode(Uint8Array.from(Array.from(String(text), (c) => c.charCodeAt(0))), 'base64'),
  });

  // Code that is made while code runs is not for either of the services that this stands for.
  const dynamic = function () {
    throw new EvalError('Code generation from strings disallowed for this context');
  };
  globalThis.eval = dynamic;
  [function () {}, async function () {}, function* () {}].forEach(function (f) {
    Object.defineProperty(Object.getPrototypeOf(f), 'constructor', { value: dynamic });
  });
  dynamic.prototype = Function.prototype;
  globalThis.Function = dynamic;

  const modules = {};
  later(modules, 'buffer', () => ({ Buffer: globals.Buffer }));
  later(modules, 'crypto', makeCrypto);
  later(modules, 'querystring', makeQuerystring);
  return modules;
})
