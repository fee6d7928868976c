"""The addresses of groups and of their work."""

from django.urls import path

from cooperation.entry.addresses import history_pages
from workgroup.life import COMMENT_STEPS, CORRECTION_STEPS
from workgroup.models import (
    Correction,
    Draft,
    DraftComment,
    GroupMeeting,
    SharedDocument,
    WorkingGroup,
)
from workgroup.views import drafts, groups, library, meetings, minutes, remarks

urlpatterns = [
    path("gtd/", groups.workgroup_home, name="workgroup_home"),
    path("gtd/flux.atom", groups.group_feed, name="group_feed"),
    path("gtd/groupes/nouveau/", groups.group_edit, name="group_add"),
    path("gtd/groupes/<slug:slug>/", groups.group_detail, name="group_detail"),
    path("gtd/groupes/<slug:slug>/modifier/", groups.group_edit, name="group_edit"),
    path("gtd/groupes/<slug:slug>/membres/", groups.mandate_list, name="mandate_list"),
    path("gtd/groupes/<slug:slug>/membres/nouveau/", groups.mandate_edit, name="mandate_add"),
    path("gtd/groupes/<slug:slug>/membres/<slug:key>/", groups.mandate_edit, name="mandate_edit"),
    path("gtd/groupes/<slug:slug>/proposer/", groups.point_propose, name="point_propose"),
    path("gtd/groupes/<slug:slug>/reunion/", meetings.meeting_add, name="meeting_add"),
    path("gtd/reunions/", meetings.meeting_list, name="meeting_list"),
    path("gtd/reunions.ics", groups.meeting_calendar, name="meeting_calendar"),
    path("gtd/reunions/<slug:reference>.ics", meetings.meeting_file, name="meeting_file"),
    path("gtd/reunions/<slug:reference>/", meetings.meeting_detail, name="meeting_detail"),
    path("gtd/reunions/<slug:reference>/modifier/", meetings.meeting_edit, name="meeting_edit"),
    path(
        "gtd/reunions/<slug:reference>/supprimer/", meetings.meeting_delete, name="meeting_delete"
    ),
    path(
        "gtd/reunions/<slug:reference>/etapes/<slug:slug>/",
        meetings.meeting_step,
        name="meeting_step",
    ),
    path("gtd/reunions/<slug:reference>/ordre-du-jour/", meetings.agenda, name="agenda"),
    path(
        "gtd/reunions/<slug:reference>/ordre-du-jour/<slug:key>/",
        meetings.point_edit,
        name="point_edit",
    ),
    path("gtd/reunions/<slug:reference>/reponse/", meetings.meeting_answer, name="meeting_answer"),
    path(
        "gtd/reponse/<str:token>/", meetings.meeting_answer_by_mail, name="meeting_answer_by_mail"
    ),
    path("gtd/reunions/<slug:reference>/presences/", meetings.attendance, name="attendance"),
    path(
        "gtd/reunions/<slug:reference>/document/",
        meetings.meeting_document_add,
        name="meeting_document_add",
    ),
    path(
        "gtd/reunions/<slug:reference>/compte-rendu/", minutes.minutes_detail, name="minutes_detail"
    ),
    path(
        "gtd/reunions/<slug:reference>/compte-rendu/ecrire/",
        minutes.minutes_write,
        name="minutes_write",
    ),
    path(
        "gtd/reunions/<slug:reference>/compte-rendu/etapes/<slug:slug>/",
        minutes.minutes_step,
        name="minutes_step",
    ),
    path(
        "gtd/reunions/<slug:reference>/compte-rendu/corriger/",
        minutes.correction_add,
        name="correction_add",
    ),
    path(
        "gtd/reunions/<slug:reference>/compte-rendu/ecrire/<slug:key>/engagement/",
        minutes.commitment_add,
        name="commitment_add",
    ),
    path(
        "gtd/corrections/<slug:key>/etapes/<slug:slug>/",
        remarks.remark_step,
        {"model": Correction, "steps": CORRECTION_STEPS},
        name="correction_step",
    ),
    path(
        "gtd/corrections/<slug:key>/avis/",
        remarks.remark_satisfied,
        {"model": Correction},
        name="correction_satisfied",
    ),
    path("gtd/projets/", drafts.draft_list, name="draft_list"),
    path("gtd/groupes/<slug:slug>/projet/", drafts.draft_add, name="draft_add"),
    path("gtd/projets/<slug:reference>/", drafts.draft_detail, name="draft_detail"),
    path("gtd/projets/<slug:reference>/modifier/", drafts.draft_edit, name="draft_edit"),
    path("gtd/projets/<slug:reference>/ecrire/", drafts.draft_write, name="draft_write"),
    path(
        "gtd/projets/<slug:reference>/sections/nouvelle/", drafts.section_edit, name="section_add"
    ),
    path(
        "gtd/projets/<slug:reference>/sections/<slug:key>/",
        drafts.section_edit,
        name="section_edit",
    ),
    path(
        "gtd/projets/<slug:reference>/sections/<slug:key>/place/",
        drafts.section_move,
        name="section_move",
    ),
    path("gtd/projets/<slug:reference>/partager/", drafts.draft_share, name="draft_share"),
    path("gtd/projets/<slug:reference>/etapes/<slug:slug>/", drafts.draft_step, name="draft_step"),
    path("gtd/projets/<slug:reference>/remarquer/", drafts.comment_add, name="comment_add"),
    path("gtd/projets/<slug:reference>/remarques/", drafts.draft_comments, name="draft_comments"),
    path(
        "gtd/projets/<slug:reference>/remarques.xlsx",
        drafts.disposition_table,
        name="disposition_table",
    ),
    path("gtd/projets/<slug:reference>/versions/", drafts.draft_versions, name="draft_versions"),
    path(
        "gtd/remarques/<slug:key>/etapes/<slug:slug>/",
        remarks.remark_step,
        {"model": DraftComment, "steps": COMMENT_STEPS},
        name="comment_step",
    ),
    path("gtd/remarques/<slug:key>/appliquer/", drafts.comment_apply, name="comment_apply"),
    path(
        "gtd/remarques/<slug:key>/avis/",
        remarks.remark_satisfied,
        {"model": DraftComment},
        name="comment_satisfied",
    ),
    path("gtd/documents/", library.shared_list, name="shared_list"),
    path("gtd/groupes/<slug:slug>/document/", library.shared_add, name="shared_add"),
    path("gtd/documents/<slug:key>/", library.shared_detail, name="shared_detail"),
    path("gtd/documents/<slug:key>/modifier/", library.shared_edit, name="shared_edit"),
    path("gtd/engagements/", groups.commitment_list, name="commitment_list"),
    path("gtd/engagements/<slug:key>/", groups.commitment_edit, name="commitment_edit"),
    path(
        "gtd/engagements/<slug:key>/etapes/<slug:slug>/",
        groups.commitment_step,
        name="commitment_step",
    ),
    path("gtd/courriels/", groups.letter_list, name="letter_list"),
    path("gtd/courriels/refus/<str:token>/", groups.letters_refused, name="letters_refused"),
    path("gtd/calendrier/<slug:token>.ics", groups.own_calendar, name="personal_calendar"),
    *history_pages("gtd/groupes", WorkingGroup),
    *history_pages("gtd/reunions", GroupMeeting),
    *history_pages("gtd/projets", Draft),
    *history_pages("gtd/documents", SharedDocument),
]
