from django import template
from wagtail.models import Site

register = template.Library()


@register.inclusion_tag("tags/main_menu.html", takes_context=True)
def main_menu(context):
    root = Site.find_for_request(context["request"]).root_page
    sections = []
    for section in root.get_children().live().in_menu():
        sections.append((section, section.get_children().live().in_menu()))
    return {"sections": sections, "request": context["request"]}
