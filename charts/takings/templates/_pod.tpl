{{/*
The specification of every pod of the chart: restricted, with a read-only root file system, and without a service account
token unless it asks for one. Takes:
  root, component
  settings          the values env, pod, container, extra… and initContainers: of a service, of the toolbox, or `jobs`
  account, args, command, resources, grace, restartPolicy, spread
  nats, postgres    the user and the login, for pods that connect
  env, files        more variables, and keys as files (name: { secret or configMap, key, file, optional }), as YAML
                    text; a Secret without a key is mounted whole, and one that is optional may be missing
  apiAccess         whether its container gets the token of the service account
  serving           ports, probes and lifecycle, as YAML text
*/}}
{{- define "takings.pod" -}}
{{- $own := fromYaml (include "takings.pod.own" .) }}
{{- $container := mergeOverwrite (first $own.containers) (deepCopy .settings.container) }}
{{- $_ := set $own "containers" (concat (list $container) (.settings.extraContainers | default list)) }}
{{- toYaml (mergeOverwrite $own (deepCopy .settings.pod)) }}
{{- end }}

{{- define "takings.pod.own" -}}
{{- $files := fromYaml (printf "%s\n%s" (include "takings.files.servers" .) (.files | default "")) }}
{{- $env := fromYaml (printf "%s\n%s" (include "takings.env.servers" .) (.env | default "")) }}
{{- range $name, $value := .settings.env }}
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
{{- with .root.Values.podSecurityContext }}
securityContext: {{- toYaml . | nindent 2 }}
{{- end }}
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
{{- with .settings.initContainers }}
initContainers: {{- toYaml . | nindent 2 }}
{{- end }}
containers:
  - name: {{ .component }}
    image: {{ include "takings.image" .root | quote }}
    imagePullPolicy: {{ .root.Values.image.pullPolicy }}
    {{- with .command }}
    command: {{- toYaml . | nindent 6 }}
    {{- end }}
    {{- with .args }}
    args: {{- toYaml . | nindent 6 }}
    {{- end }}
    env: {{- include "takings.envList" $env | nindent 6 }}
    resources: {{- toYaml .resources | nindent 6 }}
    securityContext:
      allowPrivilegeEscalation: false
      readOnlyRootFilesystem: true
      capabilities: { drop: [ALL] }
    {{- with .serving }}
    {{- . | nindent 4 }}
    {{- end }}
    {{- if or $files .apiAccess .settings.extraVolumeMounts }}
    volumeMounts:
      {{- if .apiAccess }}
      - { name: api-access, mountPath: /var/run/secrets/kubernetes.io/serviceaccount, readOnly: true }
      {{- end }}
      {{- range $name, $_ := $files }}
      # Mounts the directory: a file mounted with subPath is not updated when its Secret or ConfigMap changes.
      - { name: {{ $name }}, mountPath: /etc/takings/{{ $name }}, readOnly: true }
      {{- end }}
      {{- with .settings.extraVolumeMounts }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
    {{- end }}
{{- if or $files .apiAccess .settings.extraVolumes }}
volumes:
  {{- if .apiAccess }}
  # Not by automountServiceAccountToken, which would give the token to every container of the pod.
  - name: api-access
    projected:
      defaultMode: 0440
      sources:
        - serviceAccountToken: { path: token, expirationSeconds: 3600 }
        - configMap: { name: kube-root-ca.crt, items: [{ key: ca.crt, path: ca.crt }] }
        - downwardAPI: { items: [{ path: namespace, fieldRef: { fieldPath: metadata.namespace } }] }
  {{- end }}
  {{- range $name, $file := $files }}
  - name: {{ $name }}
    {{- if $file.configMap }}
    configMap:
      name: {{ $file.configMap | quote }}
    {{- else }}
    secret:
      secretName: {{ $file.secret | quote }}
      {{- if $file.optional }}
      optional: true
      {{- end }}
    {{- end }}
      defaultMode: 0440
      {{- with $file.key }}
      items: [{ key: {{ . | quote }}, path: {{ $file.file | quote }} }]
      {{- end }}
  {{- end }}
  {{- with .settings.extraVolumes }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}
{{- end }}

{{/* Labels and annotations of a pod. Takes root, component and settings. */}}
{{- define "takings.podMetadata" -}}
labels: {{- include "takings.labels" (dict "root" .root "component" .component "labels" .settings.podLabels) | nindent 2 }}
{{- with .settings.podAnnotations }}
annotations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* The service account of a component that has one of its own. Takes root and component. */}}
{{- define "takings.account" -}}
{{- .root.Values.serviceAccountName | default (printf "%s-%s" (include "takings.fullname" .root) .component) }}
{{- end }}
