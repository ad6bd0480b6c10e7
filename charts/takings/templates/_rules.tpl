{{/*
The rule groups of files/rules.yaml for this installation: its namespace, the user's runbooks, severities and labels,
without the disabled alerts. Takes the root.
*/}}
{{- define "takings.rules" -}}
{{- $options := .Values.monitoring.prometheusRule }}
{{- $text := .Files.Get "files/rules.yaml" | replace "__NAMESPACE__" .Release.Namespace }}
{{- $alerts := list }}
{{- $groups := list }}
{{- range $group := ($text | replace "__RUNBOOKS__" (trimSuffix "/" $options.runbookUrl) | fromYaml).groups }}
{{- $rules := list }}
{{- range $rule := $group.rules }}
{{- if $rule.alert }}
{{- $alerts = append $alerts $rule.alert }}
{{- $severity := get $options.severities $rule.labels.severity }}
{{- $_ := set $rule "labels" (merge (dict "severity" $severity) $options.additionalRuleLabels) }}
{{- if not $options.runbookUrl }}
{{- $_ := unset $rule.annotations "runbook_url" }}
{{- end }}
{{- end }}
{{- if not (has $rule.alert $options.disabled) }}
{{- $rules = append $rules $rule }}
{{- end }}
{{- end }}
{{- with $rules }}
{{- $groups = append $groups (dict "name" $group.name "rules" .) }}
{{- end }}
{{- end }}
{{- range $name := $options.disabled }}
{{- if not (has $name $alerts) }}
{{- fail (printf "monitoring.prometheusRule.disabled: there is no alert %s. The alerts are %s." $name (join ", " $alerts)) }}
{{- end }}
{{- end }}
{{- toYaml (dict "groups" $groups) }}
{{- end }}
