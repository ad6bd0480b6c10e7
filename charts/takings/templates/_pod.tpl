{{/*
The specification of every pod of the chart: restricted, without a service account token, with a read-only root file
system. Takes root, component, account, args, env and volumes (as YAML text), resources and grace; for services also
spread and serving (ports, probes and lifecycle as YAML text); for jobs restartPolicy. extraEnv overrides variables; pod
and container are merged over the result.
*/}}
{{- define "takings.pod" -}}
{{- $own := fromYaml (include "takings.pod.own" .) }}
{{- $container := mergeOverwrite (index $own.containers 0) (deepCopy (default dict .container)) }}
{{- $_ := set $own "containers" (list $container) }}
{{- toYaml (mergeOverwrite $own (deepCopy (default dict .pod))) }}
{{- end }}

{{- define "takings.pod.own" -}}
{{- $volumes := fromYaml (default "" .volumes) }}
{{- $env := fromYaml .env }}
{{- range $name, $value := .extraEnv }}
{{- $_ := set $env $name $value }}
{{- end }}
serviceAccountName: {{ .account }}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- with .restartPolicy }}
restartPolicy: {{ . }}
{{- end }}
terminationGracePeriodSeconds: {{ .grace }}
securityContext:
  runAsNonRoot: true
  runAsUser: 65532
  runAsGroup: 65532
  fsGroup: 65532
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: { type: RuntimeDefault }
{{- if .spread }}
topologySpreadConstraints:
  {{- range $key := list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
  - maxSkew: 1
    topologyKey: {{ $key }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels: {{- include "takings.selector" $ | nindent 8 }}
    matchLabelKeys: [pod-template-hash]
  {{- end }}
{{- end }}
containers:
  - name: {{ .component }}
    image: {{ include "takings.image" .root | quote }}
    imagePullPolicy: {{ .root.Values.image.pullPolicy }}
    args: {{- toYaml .args | nindent 6 }}
    env: {{- include "takings.envList" $env | nindent 6 }}
    resources: {{- toYaml .resources | nindent 6 }}
    securityContext:
      allowPrivilegeEscalation: false
      readOnlyRootFilesystem: true
      capabilities: { drop: [ALL] }
    {{- with .serving }}
    {{- . | nindent 4 }}
    {{- end }}
    {{- if $volumes }}
    volumeMounts:
      {{- range $name, $volume := $volumes }}
      # Mounts the directory: a file mounted with subPath is not updated when its Secret changes.
      - { name: {{ $name }}, mountPath: /etc/takings/{{ $name }}, readOnly: true }
      {{- end }}
    {{- end }}
{{- if $volumes }}
volumes:
  {{- range $name, $volume := $volumes }}
  - name: {{ $name }}
    secret:
      secretName: {{ $volume.secret | quote }}
      defaultMode: 0440
      items: [{ key: {{ $volume.key | quote }}, path: {{ $volume.file | quote }} }]
  {{- end }}
{{- end }}
{{- end }}

{{/*
The Deployment of a service. Takes root, component, env, volumes and grace like takings.pod; values, the service's part of
the values; port, if it serves one; readyEvery, seconds between readiness probes; linger, seconds that it keeps serving
after it was told to stop.
*/}}
{{- define "takings.deployment" -}}
{{- $values := .values }}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "takings.fullname" .root }}-{{ .component }}
  labels: {{- include "takings.labels" . | nindent 4 }}
spec:
  {{- if not $values.autoscaling.enabled }}
  replicas: {{ $values.replicas }}
  {{- end }}
  revisionHistoryLimit: 3
  selector:
    matchLabels: {{- include "takings.selector" . | nindent 6 }}
  strategy:
    rollingUpdate: { maxSurge: 1, maxUnavailable: 0 }
  template:
    metadata:
      labels:
        {{- include "takings.labels" . | nindent 8 }}
        {{- with $values.podLabels }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      {{- with $values.podAnnotations }}
      annotations: {{- toYaml . | nindent 8 }}
      {{- end }}
    spec:
      {{- $more := dict "account" (include "takings.account" .) "args" (list .component) "spread" true "serving" (include "takings.serving" .) "resources" $values.resources "extraEnv" $values.env "pod" $values.pod "container" $values.container }}
      {{- include "takings.pod" (merge $more .) | nindent 6 }}
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

{{- define "takings.account" -}}
{{- .root.Values.serviceAccountName | default (printf "%s-%s" (include "takings.fullname" .root) .component) }}
{{- end }}
