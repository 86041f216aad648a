/** How Jib may be told where to fetch a base image from; `tar://` names a file, and is no reference. */
export const JIB_PREFIX = /^(?:docker|registry):\/\//;
