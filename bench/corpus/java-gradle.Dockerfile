FROM eclipse-temurin:21-jdk-jammy AS build
WORKDIR /workspace
COPY gradlew settings.gradle.kts build.gradle.kts ./
COPY gradle gradle
RUN ./gradlew --no-daemon dependencies
COPY src src
RUN ./gradlew --no-daemon bootJar

FROM eclipse-temurin:21-jre-jammy@sha256:1e06fe9f0d5d16c1e6a0e6d5f5a0e7c0b8ad2d6b6b6f6b8a1f6f9a8b7c6d5e4f
LABEL org.opencontainers.image.source="https://example.com/acme/orders" \
      org.opencontainers.image.licenses="Apache-2.0"
RUN groupadd --system app && \
    useradd --system --gid app app
USER app
COPY --from=build /workspace/build/libs/*.jar /app.jar
CMD ["java", "-jar", "/app.jar"]
