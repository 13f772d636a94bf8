import type { FastifyRequest } from 'fastify';
import type { JsonObject } from '../../json.js';
import { text } from '../body.js';
import { ChatIncError, invalid, notFound } from '../errors.js';
import { newId } from '../platform.js';
import { type Answer, type Call, type Route, read, wrote } from '../route.js';
import { partsOf } from '../upload.js';

/** Uploads of images, and the products of a catalog, which come with theirs. */
export const FILE_ROUTES: readonly Route[] = [
  { method: 'POST', path: '/utils/upload/image', handle: uploadImage },
  // The one place where this route was seen has a blank at its end.
  { method: 'POST', path: '/utils/upload/image ', handle: uploadImage },
  { method: 'POST', path: '/add/store/product', base: 'either', handle: addProduct },
  { method: 'POST', path: '/edit/store/product', base: 'either', handle: editProduct },
  { method: 'GET', path: '/retrieve/store/products', base: 'either', handle: listProducts },
];

interface Image {
  name: string;
  type: string;
  bytes: Buffer;
}

/** WhatsApp takes no larger image. */
const LARGEST_IMAGE_BYTES = 5 * 1024 * 1024;

async function readParts(request: FastifyRequest): Promise<{ fields: JsonObject; image?: Image }> {
  const fields: JsonObject = {};
  let image: Image | undefined;
  let isTooLarge = false;
  for await (const part of partsOf(request)) {
    if (part.type === 'field') {
      fields[part.fieldname] = String(part.value);
      continue;
    }
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of part.file as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size <= LARGEST_IMAGE_BYTES) chunks.push(chunk);
    }
    isTooLarge ||= size > LARGEST_IMAGE_BYTES;
    if (part.fieldname === 'image')
      image = { name: part.filename, type: part.mimetype, bytes: Buffer.concat(chunks) };
  }
  request.body = { ...fields };
  if (isTooLarge) throw new ChatIncError(413, 'image: larger than 5 MB');
  return { fields, ...(image !== undefined && { image }) };
}

/** The image can be read again at the address of the answer, in which the blanks of a file's name stay blanks. */
async function uploadImage({ platform, account, request }: Call): Promise<Answer> {
  const { image } = await readParts(request);
  if (image === undefined) throw invalid('image is required');
  if (!['image/jpeg', 'image/png'].includes(image.type)) throw invalid('image must be a JPEG or a PNG');
  const id = newId('');
  account.images.set(id, { type: image.type, base64: image.bytes.toString('base64') });
  return { body: { status: 'success', url: `${platform.origin}/images/${id}/${image.name}` } };
}

const needsCatalog = ({ platform }: Call) => {
  if (!platform.switches.catalog)
    throw new ChatIncError(406, 'no Facebook catalog is attached to the WhatsApp account');
};

async function addProduct(call: Call): Promise<Answer> {
  const { fields } = await readParts(call.request);
  needsCatalog(call);
  const id = newId('p_');
  call.account.products.set(id, { ...fields, id });
  return wrote(call.platform, { id });
}

/** A variant is added by editing a product with `variant=true`. */
async function editProduct(call: Call): Promise<Answer> {
  const { fields } = await readParts(call.request);
  needsCatalog(call);
  const id = text(fields, 'id');
  const product = call.account.products.get(id);
  if (product === undefined) throw notFound('product');
  const { id: _id, variant, ...changes } = fields;
  if (variant === 'true') {
    const variants = Array.isArray(product.variants) ? product.variants : [];
    call.account.products.set(id, { ...product, variants: [...variants, changes] });
  } else call.account.products.set(id, { ...product, ...changes });
  return wrote(call.platform, { id });
}

function listProducts(call: Call): Answer {
  needsCatalog(call);
  return read([...call.account.products.values()]);
}
