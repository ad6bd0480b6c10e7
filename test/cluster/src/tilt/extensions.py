"""The functions of Tilt's extensions that the Tiltfile loads.

Parameters and effects are those of https://github.com/tilt-dev/tilt-extensions: helm_resource, namespace and uibutton.
"""

from types import SimpleNamespace


def extensions(tilt):
    """The exported names of each extension. `tilt` has the built-in functions."""

    def helm_repo(name, url, resource_name='', username='', password='', **kwargs):
        args = ['helm', 'repo', 'add', name, url, '--force-update']
        tilt.local_resource(resource_name or name, args, allow_parallel=True, **kwargs)

    def helm_resource(name, chart, deps=[], release_name='', namespace=None, image_deps=None, image_keys=None, flags=None,
                      uninstall_flags=None, image_selector='', container_selector='', live_update=None, resource_deps=None,
                      labels=None, port_forwards=[], auto_init=True, pod_readiness='', update_dependencies=False,
                      build_dependencies=False, links=[]):
        env = {'CHART': chart, 'RELEASE_NAME': release_name or name, 'NAMESPACE': namespace or ''}
        tilt.k8s_custom_deploy(name, apply_cmd=['helm'] + (flags or []), apply_env=env, delete_cmd=['helm'], delete_env=env,
                               deps=deps, image_deps=image_deps or [], image_selector=image_selector,
                               container_selector=container_selector, live_update=live_update)
        if resource_deps:
            tilt.k8s_resource(name, resource_deps=resource_deps)
        if labels:
            tilt.k8s_resource(name, labels=labels)
        if port_forwards:
            tilt.k8s_resource(name, port_forwards=port_forwards)
        if links:
            tilt.k8s_resource(name, links=links)

    def namespace_create(name, allow_duplicates=False, annotations=[], labels=[]):
        namespace = {'apiVersion': 'v1', 'kind': 'Namespace', 'metadata': {'name': name}}
        tilt.k8s_yaml(tilt.encode_yaml_stream([namespace]), allow_duplicates=allow_duplicates)

    def namespace_inject(x, ns):
        objects = tilt.decode_yaml_stream(x)
        for each in objects:
            each['metadata']['namespace'] = ns
        return tilt.encode_yaml_stream(objects)

    def cmd_button(name, resource='', argv=[], text=None, location='resource', icon_name=None, icon_svg=None, inputs=[],
                   disabled=False, requires_confirmation=False, env=[], dir='.'):
        if location == 'resource' and not resource:
            tilt.fail('Must provide a resource name')
        if not argv:
            tilt.fail('argv cannot be empty')
        tilt.record('cmd_button', name=name, argv=argv, text=text or name, inputs=inputs)

    def text_input(name, label='', default='', placeholder=''):
        return {'name': name, 'label': label, 'default': default}

    return {
        'helm_resource': {'helm_repo': helm_repo, 'helm_resource': helm_resource},
        'namespace': {'namespace_create': namespace_create, 'namespace_inject': namespace_inject},
        'uibutton': {'cmd_button': cmd_button, 'text_input': text_input,
                     'location': SimpleNamespace(RESOURCE='resource', NAV='nav')},
    }
