import { describe, expect, it } from 'vitest';
import { familiarName } from '../../../src/domain/image-reference.ts';
import { variantImages } from '../../../src/resolve/track/variant-images.ts';
import { toImageReference } from '../../support/image-reference.ts';

function variantsOf(reference: string): readonly string[] {
  const { registry, repository, tag } = toImageReference(reference);
  return variantImages({ registry, repository, tag: tag ?? 'latest' }).map(
    (image) => `${familiarName(image)}:${image.tag}`,
  );
}

describe('the smaller images of', () => {
  it.each([
    ['redis:7.2', ['redis:7.2-slim']],
    ['ghcr.io/acme/base:1.2.3', ['ghcr.io/acme/base:1.2.3-slim']],
    ['debian:bookworm', ['debian:slim-bookworm', 'debian:bookworm-slim']],
    ['ruby:3.3.5-bookworm', ['ruby:3.3.5-slim-bookworm', 'ruby:3.3.5-bookworm-slim']],
    ['openjdk:17-jdk-bullseye', ['openjdk:17-jdk-slim-bullseye', 'openjdk:17-jdk-bullseye-slim']],
    ['ghcr.io/acme/python:latest', ['ghcr.io/acme/python:slim']],
    ['python:3.11', ['python:3.11-slim', 'gcr.io/distroless/python3-debian12:latest']],
    ['python:3.13-slim', ['gcr.io/distroless/python3-debian13:latest']],
    [
      'python:3.11-bookworm',
      ['python:3.11-slim-bookworm', 'python:3.11-bookworm-slim', 'gcr.io/distroless/python3-debian12:latest'],
    ],
    ['python:3.13-slim-bookworm', []],
    ['python:3.11.9', ['python:3.11.9-slim']],
    ['python:latest', ['python:slim', 'cgr.dev/chainguard/python:latest']],
    ['golang:latest', ['golang:slim', 'cgr.dev/chainguard/go:latest']],
    [
      'node:22',
      [
        'node:22-slim',
        'gcr.io/distroless/nodejs22-debian13:latest',
        'gcr.io/distroless/nodejs22-debian12:latest',
      ],
    ],
    ['node:22-bookworm-slim', ['gcr.io/distroless/nodejs22-debian12:latest']],
    ['node:22.14', ['node:22.14-slim']],
    [
      'eclipse-temurin:21-jre',
      [
        'eclipse-temurin:21-jre-slim',
        'gcr.io/distroless/java21-debian13:latest',
        'gcr.io/distroless/java21-debian12:latest',
      ],
    ],
    ['mcr.microsoft.com/dotnet/aspnet:8.0-noble', ['mcr.microsoft.com/dotnet/aspnet:8.0-noble-chiseled']],
    ['mcr.microsoft.com/dotnet/aspnet:8.0', []],
    ['registry.access.redhat.com/ubi9/ubi:9.4', ['registry.access.redhat.com/ubi9/ubi-minimal:9.4']],
    ['node:22-alpine', []],
    ['node:22-alpine3.20', []],
    ['python:3.11-windowsservercore-ltsc2022', []],
    ['registry.example/library/node:22', ['registry.example/library/node:22-slim']],
  ])('%s', (reference, expected) => {
    expect(variantsOf(reference)).toEqual(expected);
  });
});
