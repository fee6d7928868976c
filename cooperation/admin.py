"""Entry of partners, documents, themes, exchange rates and accounts."""

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from cooperation.entry.admin import PersonInline, RecordAdmin, TermInline
from cooperation.entry.files import has_served
from cooperation.entry.wording import Worded
from cooperation.facets import PARTNER_INDEX
from cooperation.forms import DocumentForm, PartnerForm, UserForm
from cooperation.models import (
    Arrondissement,
    Contact,
    Document,
    ExchangeRate,
    Membership,
    Partner,
    PartnerCode,
    Theme,
    User,
)

admin.site.site_header = "Registre de la coopération décentralisée"
admin.site.site_title = "Registre"
admin.site.index_title = "Saisie"
admin.site.unregister(Group)


class PartnerCodeInline(TermInline):
    model = PartnerCode
    fields = [("scheme", "code"), "opened_version"]


class MembershipInline(TermInline):
    model = Membership
    fk_name = "grouping"
    fields = ["member", ("since", "until"), "cause", "opened_version"]
    autocomplete_fields = ["member"]


class ContactInline(PersonInline):
    model = Contact
    fields = [
        ("function", "name"),
        ("email", "phone"),
        ("since", "until"),
        "opened_version",
    ]


@admin.register(Partner)
class PartnerAdmin(RecordAdmin):
    form = PartnerForm
    list_display = ["name", "short_name", "kind", "country", "status"]
    list_filter = ["kind", "status", "departement"]
    search_fields = ["search_text"]
    index = PARTNER_INDEX
    way_to_publication = "Il devient public avec la première convention publiée qui le nomme."
    autocomplete_fields = ["commune", "successor"]
    inlines = [ContactInline, PartnerCodeInline, MembershipInline]
    actions = ["publish"]
    fieldsets = [
        (None, {"fields": ["name", "short_name", "kind", "country", "aliases", "website"]}),
        ("Au Bénin", {"fields": ["departement", "commune", "has_special_status"]}),
        (
            "Ce qu’il est devenu",
            {
                "fields": ["successor", ("replaced_on", "replacement_cause")],
                "classes": ["collapse"],
            },
        ),
        (
            "Chiffres et situation",
            {
                "fields": ["population", "population_year", "latitude", "longitude", "source"],
                "classes": ["collapse"],
            },
        ),
    ]

    def get_fieldsets(self, request, obj=None) -> list:
        """Whether it is another than those of like names is asked as it is added."""
        (title, first), *others = super().get_fieldsets(request, obj)
        asked = [] if obj else ["is_another"]
        return [(title, first | {"fields": [*first["fields"], *asked]}), *others]

    def get_search_results(self, request, queryset, search_term) -> tuple:
        found, may_be_twice = super().get_search_results(request, queryset, search_term)
        if request.resolver_match.url_name == "autocomplete":
            found = found.nearest(search_term)
        return found, may_be_twice

    def save_model(self, request, obj, form, change) -> None:
        if not change:
            obj.entered_by = request.user.partner
        super().save_model(request, obj, form, change)
        if not change and self.has_publish_permission(request):
            obj.publish(request.user)

    @admin.action(description="Publier les partenaires choisis", permissions=["publish"])
    def publish(self, request, queryset) -> None:
        for partner in queryset.editable_by(request.user):
            partner.publish(request.user)
        self.message_user(request, "Les partenaires choisis sont publiés.")

    def has_publish_permission(self, request) -> bool:
        return request.user.has_perm("cooperation.publish_partner")


@admin.register(Document)
class DocumentAdmin(RecordAdmin):
    form = DocumentForm
    list_display = ["title", "kind", "dated", "access", "status"]
    way_to_publication = "Il devient public avec la première fiche publiée à laquelle il est joint."
    list_filter = ["kind", "access", "status"]
    search_fields = ["search_text"]
    fields = ["title", "kind", "file", "dated", "language", "access", "source"]

    def get_fields(self, request, obj=None) -> list[str]:
        if not obj:
            return self.fields
        shown = [name if name != "file" else "download" for name in self.fields]
        return [*shown, "originals_kept"] if obj.originals else shown

    def get_readonly_fields(self, request, obj=None) -> list[str]:
        return ["download", "originals_kept"] if obj else []

    @admin.display(description="fichier")
    def download(self, document) -> SafeString:
        address = document.get_absolute_url()
        return format_html('<a href="{}">{}</a>', address, document.download_name)

    @admin.display(description="tel qu’il est arrivé")
    def originals_kept(self, document) -> SafeString:
        """Each original with what proves it: nobody but staff opens them."""
        return format_html_join(
            mark_safe("<br>"),
            '<a href="{}">{}</a>, {}, SHA-256 {}',
            (
                (
                    reverse("original_download", args=[document.reference, number]),
                    original["name"],
                    filesizeformat(original["size"]),
                    original["sha256"],
                )
                for number, original in enumerate(document.originals, 1)
            ),
        )

    def save_model(self, request, obj, form, change) -> None:
        if not change:
            obj.entered_by = request.user.partner
        super().save_model(request, obj, form, change)
        if not change:
            has_served(form.cleaned_data["file"])


@admin.register(Theme)
class ThemeAdmin(RecordAdmin):
    list_display = ["name", "dac_code"]
    fields = ["name", "slug", "dac_code"]
    search_fields = ["name"]

    def get_readonly_fields(self, request, obj=None) -> list[str]:
        return ["slug"] if obj else []

    def get_prepopulated_fields(self, request, obj=None) -> dict:
        return {} if obj else {"slug": ["name"]}


@admin.register(Arrondissement)
class ArrondissementAdmin(RecordAdmin):
    list_display = ["code", "name", "commune"]
    list_select_related = ["commune"]
    fields = ["code", "name", "commune", "source"]
    search_fields = ["search_text"]
    autocomplete_fields = ["commune"]

    def get_queryset(self, request) -> QuerySet:
        return super().get_queryset(request).select_related("commune")

    def get_readonly_fields(self, request, obj=None) -> list[str]:
        return ["code"] if obj else []


@admin.register(ExchangeRate)
class ExchangeRateAdmin(RecordAdmin):
    list_display = ["currency", "day", "per_euro", "source"]
    list_filter = ["currency"]
    fields = ["currency", "day", "per_euro", "source"]
    search_fields = ["currency"]

    def get_search_results(self, request, queryset, search_term) -> tuple:
        return queryset.filter(currency__icontains=search_term.strip()[:3]), False


@admin.register(User)
class UserAdmin(Worded, DjangoUserAdmin):
    """Rights come from the role alone; accounts are switched off rather than deleted."""

    form = UserForm
    list_display = ["username", "first_name", "last_name", "role", "partner", "is_active"]
    list_filter = ["role", "is_active"]
    autocomplete_fields = ["partner"]
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        ("Personne", {"fields": ["first_name", "last_name", "email", "phone"]}),
        ("Droits", {"fields": ["role", "partner", "departement", "is_active"]}),
        (None, {"fields": ["opened_version"]}),
    ]

    def get_queryset(self, request) -> QuerySet:
        users = super().get_queryset(request)
        return users if request.user.is_superuser else users.filter(is_superuser=False)

    def get_form(self, request, obj=None, change=False, **kwargs) -> type[forms.ModelForm]:
        form = super().get_form(request, obj, change=change, **kwargs)
        form.user = request.user
        return form

    def has_add_permission(self, request) -> bool:
        """People make their accounts themselves, from an invitation (/comptes/)."""
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False
