{{/*
The Deployment of a service. Takes root, component, args, nats, postgres, env, files, apiAccess and grace like takings.pod;
settings, the service's part of the values; port, if it serves one; readyEvery, seconds between readiness probes; linger, seconds that
it keeps serving after it was told to stop.
*/}}
{{- define "takings.deployment" -}}
apiVersion: apps/v1
kind: Deployment
metadata: {{- include "takings.metadata" (dict "root" .root "component" .component "annotations" .settings.annotations) | nindent 2 }}
spec:
  {{- if not (dig "autoscaling" "enabled" false .settings) }}
  replicas: {{ .settings.replicas }}
  {{- end }}
  revisionHistoryLimit: 3
  selector:
    matchLabels: {{- include "takings.selector" . | nindent 6 }}
  {{- with .settings.strategy }}
  strategy: {{- toYaml . | nindent 4 }}
  {{- else }}
  strategy:
    rollingUpdate: { maxSurge: 1, maxUnavailable: 0 }
  {{- end }}
  template:
    metadata: {{- include "takings.podMetadata" . | nindent 6 }}
    spec:
      {{- $pod := dict "account" (include "takings.account" .) "args" (.args | default (list .component)) "spread" true "serving" (include "takings.serving" .) "resources" .settings.resources }}
      {{- include "takings.pod" (merge $pod .) | nindent 6 }}
{{- end }}

{{/*
Probes at the admin port. The startup probe allows a slow start, liveness restarts only a process whose event loop is
blocked, and readiness removes a pod from its Service while it cannot do its work.
*/}}
{{- define "takings.serving" -}}
ports:
  {{- with .port }}
  - { name: http, containerPort: {{ . }} }
  {{- end }}
  - { name: admin, containerPort: 9090 }
startupProbe:
  httpGet: { path: /livez, port: admin }
  periodSeconds: 1
  timeoutSeconds: 2
  failureThreshold: 120
livenessProbe:
  httpGet: { path: /livez, port: admin }
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
readinessProbe:
  httpGet: { path: /readyz, port: admin }
  periodSeconds: {{ .readyEvery }}
  timeoutSeconds: 3
  failureThreshold: 2
{{- with .linger }}
lifecycle:
  # Keeps serving until every proxy has removed this pod from its endpoints.
  preStop: { sleep: { seconds: {{ . }} } }
{{- end }}
{{- end }}
