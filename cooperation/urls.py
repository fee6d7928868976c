"""Every address of the site, and every endpoint of the API; those of groups are in workgroup/urls.py."""

from allauth.account import views as allauth
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.conf import settings
from django.contrib import admin
from django.urls import include, path, re_path
from django.views.generic import RedirectView
from rest_framework.routers import SimpleRouter

from actions import practices
from actions import views as actions
from actions.iati import views as iati
from actions.models import GoodPractice
from agreements import notices, supervision
from agreements import views as agreements
from agreements.models import Convention
from cooperation import views as cooperation
from cooperation.accounts import invitations
from cooperation.accounts import views as accounts
from cooperation.entry import uploading
from cooperation.entry import views as entry
from cooperation.entry.addresses import history_pages
from cooperation.entry.choosing import choices
from cooperation.importing import views as importing
from cooperation.models import Document, Partner
from cooperation.rest import views as rest
from cooperation.rest.resources import IndexView, NothingView
from cooperation.rest.writing import BatchView
from reports.models import Bilan
from reports.opendata.resources import RESOURCES, WRITTEN
from reports.views import (
    about,
    bilans,
    data,
    embedding,
    files,
    finding,
    overview,
    ponadec,
    searches,
)
from workgroup.models import PonadecIndicator
from workgroup.urls import urlpatterns as group_pages
from workgroup.views import ponadec as indicators

api = SimpleRouter()
for name, view in RESOURCES.items():
    api.register(name, view)

sign_in = RedirectView.as_view(pattern_name="account_login", query_string=True)
new_password = RedirectView.as_view(pattern_name="account_change_password")


handler500 = "cooperation.views.server_error"

urlpatterns = [
    path("", overview.home, name="home"),
    path("conventions/", agreements.convention_list, name="convention_list"),
    path("a-traiter/", agreements.queue, name="queue"),
    path("a-traiter/selection/", agreements.queue_selection, name="queue_selection"),
    path("mes-conventions/", agreements.own_conventions, name="own_conventions"),
    path("conventions/<slug:reference>/", agreements.convention_detail, name="convention_detail"),
    path(
        "conventions/<slug:reference>/etapes/<slug:slug>/",
        agreements.convention_step,
        name="convention_step",
    ),
    path(
        "conventions/<slug:reference>/avenants/<int:number>/etapes/<slug:slug>/",
        agreements.avenant_step,
        name="avenant_step",
    ),
    path("signalements/", notices.error_notice_list, name="error_notice_list"),
    path(
        "conventions/<slug:reference>/signaler/",
        notices.error_notice_add,
        name="error_notice_add",
    ),
    path(
        "conventions/<slug:reference>/confirmer/",
        agreements.convention_confirm,
        name="convention_confirm",
    ),
    path(
        "conventions/<slug:reference>/fusionner/<slug:other>/",
        agreements.convention_merge,
        name="convention_merge",
    ),
    path("tutelle/", supervision.supervised_list, name="supervised_list"),
    path(
        "conventions/<slug:reference>/tutelle/", supervision.supervised_step, name="supervised_step"
    ),
    path("doublons/", agreements.double_list, name="double_list"),
    path("suivi/", agreements.watch_list, name="watch_list"),
    path("actions/", actions.action_list, name="action_list"),
    path("actions/<slug:reference>/", actions.action_detail, name="action_detail"),
    path("actions/<slug:reference>/mesure/", actions.measurement_add, name="measurement_add"),
    path("montants/", actions.budget_line_list, name="budget_line_list"),
    path("montants/<slug:key>/paiement/", actions.payment_add, name="payment_add"),
    path("decaissements/", actions.disbursement_list, name="disbursement_list"),
    path("partenaires/", cooperation.partner_list, name="partner_list"),
    path("partenaires/<slug:slug>/", cooperation.partner_detail, name="partner_detail"),
    path("partenaires/<slug:slug>/fusionner/", cooperation.partner_doubles, name="partner_doubles"),
    path(
        "partenaires/<slug:slug>/fusionner/<slug:other>/",
        cooperation.partner_merge,
        name="partner_merge",
    ),
    path("documents/envois/", uploading.upload_begin, name="upload_begin"),
    path("documents/envois/<slug:reference>/", uploading.upload_piece, name="upload_piece"),
    path(
        "documents/<slug:reference>/originaux/<int:number>/",
        cooperation.original_download,
        name="original_download",
    ),
    path("documents/<slug:reference>/", cooperation.document_download, name="document_download"),
    path(
        "documents/<slug:reference>/etapes/<slug:slug>/", entry.document_step, name="document_step"
    ),
    path("imports/", importing.import_list, name="import_list"),
    path("imports/nouveau/<slug:kind>/", importing.import_start, name="import_start"),
    path(
        "imports/modele-<slug:kind>.<str:extension>",
        importing.import_template,
        name="import_template",
    ),
    path("imports/<slug:reference>/", importing.import_detail, name="import_detail"),
    path("imports/<slug:reference>/colonnes/", importing.import_columns, name="import_columns"),
    path("imports/<slug:reference>/reponses/", importing.import_answer, name="import_answer"),
    path("imports/<slug:reference>/confirmer/", importing.import_confirm, name="import_confirm"),
    path("imports/<slug:reference>/reprendre/", importing.import_resume, name="import_resume"),
    path("imports/<slug:reference>/annuler/", importing.import_undo, name="import_undo"),
    path(
        "imports/<slug:reference>/a-corriger.<str:extension>",
        importing.import_refused,
        name="import_refused",
    ),
    path(
        "conventions/export.<str:extension>", agreements.convention_export, name="convention_export"
    ),
    path("conventions/flux.atom", agreements.convention_feed, name="convention_feed"),
    path("conventions/echeances.ics", agreements.convention_calendar, name="convention_calendar"),
    path("actions/export.<str:extension>", actions.action_export, name="action_export"),
    path("actions/flux.atom", actions.action_feed, name="action_feed"),
    path("actions/echeances.ics", actions.action_calendar, name="action_calendar"),
    path("partenaires/export.<str:extension>", cooperation.partner_export, name="partner_export"),
    path("partenaires/flux.atom", cooperation.partner_feed, name="partner_feed"),
    path(
        "brouillons-supprimes/",
        entry.deleted_list,
        {"models": [Convention, Partner, Document]},
        name="deleted_list",
    ),
    *history_pages("conventions", Convention),
    *history_pages("partenaires", Partner),
    *history_pages("documents", Document),
    path("carte/", overview.overview_map, name="overview_map"),
    path("chiffres/", overview.overview_charts, name="overview_charts"),
    path("chiffres/<slug:name>.svg", embedding.chart_picture, name="chart_picture"),
    path("integrer/<slug:view>/", embedding.embedded, name="embedded"),
    path("integrer/chiffres/<slug:name>/", embedding.embedded_chart, name="embedded_chart"),
    path(
        "integrer/convention/<slug:reference>/",
        embedding.embedded_convention,
        name="embedded_convention",
    ),
    path("apercus/<slug:kind>/<slug:key>.png", embedding.picture, name="picture"),
    path("montrer/", embedding.share, name="share"),
    path("oembed/", embedding.oembed, name="oembed"),
    path("chronologie/", overview.overview_timeline, name="overview_timeline"),
    *group_pages,
    path("bonnes-pratiques/", practices.practice_list, name="practice_list"),
    path("bonnes-pratiques/a-tirer/", practices.practice_candidates, name="practice_candidates"),
    path("bonnes-pratiques/<slug:reference>/", practices.practice_detail, name="practice_detail"),
    path(
        "bonnes-pratiques/<slug:reference>/modifier/", practices.practice_edit, name="practice_edit"
    ),
    path(
        "bonnes-pratiques/<slug:reference>/etapes/<slug:slug>/",
        practices.practice_step,
        name="practice_step",
    ),
    path("actions/<slug:reference>/bonne-pratique/", practices.practice_draw, name="practice_draw"),
    *history_pages("bonnes-pratiques", GoodPractice),
    path("ponadec/", ponadec.ponadec_list, name="ponadec_list"),
    path("ponadec.<str:extension>", ponadec.ponadec_file, name="ponadec_file"),
    path("ponadec/ajouter/indicateur/", indicators.ponadec_add, name="ponadec_add"),
    path("ponadec/<slug:slug>/", ponadec.ponadec_detail, name="ponadec_detail"),
    path("ponadec/<slug:slug>/<int:year>/", ponadec.ponadec_records, name="ponadec_records"),
    path("ponadec/<slug:slug>/modifier/", indicators.ponadec_edit, name="ponadec_edit"),
    path("ponadec/<slug:slug>/annee/", indicators.ponadec_year_edit, name="ponadec_year_add"),
    path(
        "ponadec/<slug:slug>/annee/<slug:key>/",
        indicators.ponadec_year_edit,
        name="ponadec_year_edit",
    ),
    *history_pages("ponadec", PonadecIndicator),
    path("themes/", overview.theme_list, name="theme_list"),
    path("themes/<slug:slug>/", overview.theme_detail, name="theme_detail"),
    path("odd/<int:number>/", overview.odd_detail, name="odd_detail"),
    path("style/", about.parts, name="parts"),
    path("aide/", about.help_home, name="help"),
    path("aide/<slug:name>/", about.guide, name="guide"),
    path("contact/", about.contact, name="contact"),
    path("accessibilite/", about.accessibility, name="accessibility"),
    path("donnees-personnelles/", about.privacy, name="privacy"),
    path("mentions-legales/", about.legal_notice, name="legal_notice"),
    path("inventaire/", files.inventory, name="inventory"),
    path("inventaire.<str:extension>", files.inventory_file, name="inventory_file"),
    path("inventaire/demande.<str:extension>", files.inventory_ask, name="inventory_ask"),
    path("rapports/<slug:reference>/", files.report_detail, name="report_detail"),
    path("rapports/<slug:reference>/fichier", files.report_file, name="report_file"),
    path("rapports/<slug:reference>/annuler/", files.report_cancel, name="report_cancel"),
    path("rapports/<slug:reference>/reprendre/", files.report_resume, name="report_resume"),
    path("donnees/", data.data_home, name="data_home"),
    path("donnees/catalogue.jsonld", data.data_catalogue, name="data_catalogue"),
    path("donnees/<str:name>", data.data_file, name="data_file"),
    path("fiches/<slug:kind>/<slug:key>.pdf", files.fiche, name="fiche"),
    path("bilans/", bilans.bilan_list, name="bilan_list"),
    path("bilans/nouveau/", bilans.bilan_start, name="bilan_start"),
    path("bilans/verifier/", bilans.edition_check, name="edition_check"),
    path("bilans/<int:year>/", bilans.bilan, name="bilan"),
    path("bilans/<int:year>.<str:extension>", bilans.bilan_file, name="bilan_file"),
    path("bilans/<int:year>/lignes/", bilans.bilan_year_rows, name="bilan_year_rows"),
    path("bilans/<int:year>/demande.<str:extension>", bilans.bilan_ask, name="bilan_ask"),
    path("bilans/<slug:reference>/", bilans.bilan_detail, name="bilan_detail"),
    path("bilans/<slug:reference>/lignes/", bilans.bilan_rows, name="bilan_rows"),
    path("bilans/<slug:reference>/rediger/", bilans.bilan_write, name="bilan_write"),
    path("bilans/<slug:reference>/projet.pdf", bilans.bilan_preview, name="bilan_preview"),
    path("bilans/<slug:reference>/publier/", bilans.bilan_publish, name="bilan_publish"),
    path(
        "bilans/<slug:reference>/editions/<int:number>/",
        bilans.edition_detail,
        name="edition_detail",
    ),
    path(
        "bilans/<slug:reference>/editions/<int:number>/lignes/",
        bilans.edition_rows,
        name="edition_rows",
    ),
    path(
        "bilans/<slug:reference>/editions/<int:number>.<str:extension>",
        bilans.edition_download,
        name="edition_download",
    ),
    *history_pages("bilans", Bilan),
    path("recherche/", finding.found, name="found"),
    path("recherches/", searches.search_list, name="search_list"),
    path("recherches/suivre/<slug:kind>/", searches.search_save, name="search_save"),
    path("recherches/<slug:reference>/oublier/", searches.search_delete, name="search_delete"),
    path("compte/jetons/", rest.token_list, name="token_list"),
    path("compte/jetons/<slug:reference>/revoquer/", rest.token_revoke, name="token_revoke"),
    path("compte/", accounts.account_home, name="account_home"),
    path("compte/nouvelles/", accounts.news, name="news"),
    path("compte/nom/", accounts.account_facts, name="account_facts"),
    path("compte/adresse/", accounts.account_address, name="account_address"),
    path(
        "compte/adresse/<str:signed>/",
        accounts.account_address_confirm,
        name="account_address_confirm",
    ),
    path(
        "compte/mot-de-passe/", accounts.NewPasswordView.as_view(), name="account_change_password"
    ),
    path("compte/oublie/", allauth.password_reset, name="account_reset_password"),
    path("compte/oublie/envoye/", allauth.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^compte/oublie/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>[^/]+)/$",
        accounts.ChosenPasswordView.as_view(),
        name="account_reset_password_from_key",
    ),
    path("compte/appareils/", accounts.DevicesView.as_view(), name="usersessions_list"),
    path("compte/confirmer/", allauth.reauthenticate, name="account_reauthenticate"),
    path("compte/confirmer/code/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path(
        "compte/confirmer/cle/",
        webauthn.reauthenticate_webauthn,
        name="mfa_reauthenticate_webauthn",
    ),
    path("compte/second-facteur/", mfa.index, name="mfa_index"),
    path("compte/second-facteur/application/", totp.activate_totp, name="mfa_activate_totp"),
    path(
        "compte/second-facteur/application/retirer/",
        totp.deactivate_totp,
        name="mfa_deactivate_totp",
    ),
    path(
        "compte/second-facteur/codes/",
        recovery_codes.view_recovery_codes,
        name="mfa_view_recovery_codes",
    ),
    path(
        "compte/second-facteur/codes/autres/",
        recovery_codes.generate_recovery_codes,
        name="mfa_generate_recovery_codes",
    ),
    path(
        "compte/second-facteur/codes.txt",
        recovery_codes.download_recovery_codes,
        name="mfa_download_recovery_codes",
    ),
    path("compte/second-facteur/cles/", webauthn.list_webauthn, name="mfa_list_webauthn"),
    path("compte/second-facteur/cles/ajouter/", webauthn.add_webauthn, name="mfa_add_webauthn"),
    path("compte/second-facteur/cles/<int:pk>/", webauthn.edit_webauthn, name="mfa_edit_webauthn"),
    path(
        "compte/second-facteur/cles/<int:pk>/retirer/",
        webauthn.remove_webauthn,
        name="mfa_remove_webauthn",
    ),
    path("compte/ferme/", allauth.account_inactive, name="account_inactive"),
    path("compte/demander/", invitations.access_request, name="access_request"),
    path("compte/invitation/<str:secret>/", invitations.invitation, name="invitation"),
    path("comptes/", invitations.account_list, name="account_list"),
    path("comptes/inviter/", invitations.invitation_add, name="invitation_add"),
    path(
        "comptes/invitations/<slug:reference>/envoyer/",
        invitations.invitation_again,
        name="invitation_again",
    ),
    path(
        "comptes/invitations/<slug:reference>/retirer/",
        invitations.invitation_withdraw,
        name="invitation_withdraw",
    ),
    path(
        "comptes/demandes/<slug:reference>/refuser/",
        invitations.access_refuse,
        name="access_refuse",
    ),
    path(
        "comptes/<str:username>/ouvrir-ou-fermer/",
        invitations.account_switch,
        name="account_switch",
    ),
    path(
        "comptes/<str:username>/second-facteur/retirer/",
        invitations.second_factors_remove,
        name="second_factors_remove",
    ),
    path("connexion/", accounts.SignInView.as_view(), name="account_login"),
    path("connexion/code/", accounts.SignInCodeView.as_view(), name="mfa_authenticate"),
    path("connexion/cle/", accounts.SignInKeyView.as_view(), name="mfa_login_webauthn"),
    path("deconnexion/", accounts.SignOutView.as_view(), name="account_logout"),
    path("healthz", cooperation.healthz, name="healthz"),
    path("iati/activities.xml", iati.iati_activities, name="iati_activities"),
    path("iati/activities/<slug:reference>.xml", iati.iati_activity, name="iati_activity"),
    path("iati/organisations.xml", iati.iati_organisations, name="iati_organisations"),
    path("api/v1/", IndexView.as_view(resources=RESOURCES, schema=None), name="api_index"),
    path("api/v1/batch/", BatchView.as_view(resources=WRITTEN), name="api_batch"),
    path("api/v1/", include(api.urls)),
    re_path(r"^api/v1/[\s\S]", NothingView.as_view(schema=None)),
    path("api/schema/", rest.api_schema, name="api_schema"),
    path("api/docs/", rest.api_docs, name="api_docs"),
    path("api/docs/<slug:name>/", rest.api_docs_resource, name="api_docs_resource"),
    path("admin/login/", sign_in),
    path("admin/password_change/", new_password),
    # Django's way from a record's number to its address would tell names of others' drafts.
    path("admin/r/<path:record>", cooperation.not_found),
    path("admin/autocomplete/", admin.site.admin_view(choices), name="autocomplete"),
    path("admin/", admin.site.urls),
]
if settings.OIDC["server_url"]:
    from allauth.socialaccount import views as other_site
    from allauth.socialaccount.providers.openid_connect import views as oidc

    from cooperation.accounts.other_sites import to_other_site

    urlpatterns += [
        path("connexion/<slug:provider_id>/aller/", to_other_site, name="openid_connect_login"),
        path("connexion/<slug:provider_id>/retour/", oidc.callback, name="openid_connect_callback"),
        path(
            "connexion/renoncee/", other_site.login_cancelled, name="socialaccount_login_cancelled"
        ),
    ]
