"""Every address of the site, and every endpoint of the API, is listed here."""

from django.contrib import admin
from django.contrib.auth import views as auth
from django.urls import include, path
from django.views.generic import RedirectView
from rest_framework.routers import SimpleRouter

from actions import views as actions
from actions.api import ActionViewSet, FullConventionViewSet
from agreements import views as agreements
from cooperation import views as cooperation
from cooperation.api import PartnerViewSet
from reports import views as reports

api = SimpleRouter()
api.register("conventions", FullConventionViewSet)
api.register("actions", ActionViewSet)
api.register("partners", PartnerViewSet)

sign_in = RedirectView.as_view(pattern_name="login", query_string=True)

urlpatterns = [
    path("", reports.home, name="home"),
    path("conventions/", agreements.convention_list, name="convention_list"),
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
    path(
        "conventions/<slug:reference>/historique/",
        agreements.convention_history,
        name="convention_history",
    ),
    path(
        "conventions/<slug:reference>/historique/retablir/",
        agreements.history_restore,
        name="history_restore",
    ),
    path(
        "conventions/<slug:reference>/fusionner/<slug:other>/",
        agreements.convention_merge,
        name="convention_merge",
    ),
    path("doublons/", agreements.double_list, name="double_list"),
    path("suivi/", agreements.watch_list, name="watch_list"),
    path("actions/", actions.action_list, name="action_list"),
    path("actions/<slug:reference>/", actions.action_detail, name="action_detail"),
    path("actions/<slug:reference>/mesure/", actions.measurement_add, name="measurement_add"),
    path("montants/", actions.budget_line_list, name="budget_line_list"),
    path("decaissements/", actions.disbursement_list, name="disbursement_list"),
    path("partenaires/", cooperation.partner_list, name="partner_list"),
    path("partenaires/<slug:slug>/", cooperation.partner_detail, name="partner_detail"),
    path("documents/<slug:reference>/", cooperation.document_download, name="document_download"),
    path("inventaire/", reports.inventory, name="inventory"),
    path("inventaire.pdf", reports.inventory_pdf, name="inventory_pdf"),
    path("bilans/", reports.bilan_list, name="bilan_list"),
    path("bilans/<int:year>/", reports.bilan, name="bilan"),
    path("bilans/<int:year>.pdf", reports.bilan_pdf, name="bilan_pdf"),
    path("connexion/", auth.LoginView.as_view(), name="login"),
    path("deconnexion/", auth.LogoutView.as_view(), name="logout"),
    path("healthz", cooperation.healthz, name="healthz"),
    path("api/v1/", include(api.urls)),
    path("admin/login/", sign_in),
    # Django's way from a record's number to its address would tell names of others' drafts.
    path("admin/r/<path:record>", cooperation.not_found),
    path("admin/", admin.site.urls),
]
