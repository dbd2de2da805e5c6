package main

import (
	"strings"

	"kommunpilot/base/web"
)

// inRoom is the permission matrix for the things of project 1, typed apart
// from the policy: action, or route, -> those of the personas who may. The
// member sits in the steering group and in working groups, the leader leads
// and sits in working groups.
var inRoom = map[string]string{
	"project.read":     "city owner, city officer, city registrar, project owner, leader, follower, chair, secretary, member",
	"project.edit":     "city owner, project owner, leader, secretary",
	"gate.prepare":     "city owner, project owner, leader, secretary",
	"group.propose":    "leader, chair, secretary, member",
	"log.read":         "city owner, city officer, city registrar, project owner, leader, follower, chair, secretary, member",
	"log.write":        "leader, secretary, member",
	"risk.write":       "leader, secretary, member",
	"report.write":     "leader, secretary",
	"research.write":   "follower",
	"change.read":      "city owner, project owner, leader, follower, chair, secretary, member",
	"change.create":    "leader, secretary, member",
	"goal.read":        "city owner, project owner, leader, follower, chair, secretary, member",
	"goal.propose":     "project owner, leader, member",
	"indicator.report": "project owner, leader, member",
	"meeting.read":     "city owner, city officer, project owner, leader, follower, chair, secretary, member",
	"meeting.create":   "city officer, project owner, leader, secretary, member",
	"minutes.read":     "city registrar, project owner, leader, follower, chair, secretary, member",
	"minutes.write":    "leader, secretary",
	"interview.read":   "city owner, city officer, project owner, leader, follower, chair, member",
	"interview.edit":   "city owner, city officer, leader, follower",
	"record.read":      "city owner, city officer, city registrar, project owner, leader, follower, chair, secretary, member",
	"record.write":     "city officer, city registrar, leader, secretary",
	"record.archive":   "city registrar",
	"record.retain":    "city registrar",
	"record.dispose":   "city registrar",
	"record.mail":      "city registrar",
	"outreach.edit":    "leader, secretary",
	"structure.read":   "city owner, city officer, project owner, leader, follower, chair, secretary, member",
	"structure.edit":   "city owner, city officer, leader, secretary",
	"service.read":     "city owner, city officer, project owner, leader, follower, chair, secretary, member",
	"service.edit":     "leader, secretary, member",
	"serviceplan.read": "city owner, follower",
	"serviceplan.edit": "",
	"knowledge.read":   "city owner, city officer, project owner, leader, follower, chair, secretary, member",
	"knowledge.edit":   "city officer, leader, follower, secretary, member",
	// Who may propose depends on the group, which the form says: see area/room.
	"GET /projekt/{id}/uppdrag/ny":  "city owner, city officer, city registrar, project owner, leader, follower, chair, secretary, member",
	"POST /projekt/{id}/uppdrag/ny": "city owner, city officer, city registrar, project owner, leader, follower, chair, secretary, member",
	// The first goal is adopted: only the steering group may touch it, and then
	// by its minutes. The first seat is in the leading group, which the orderer
	// of the project appoints.
	"GET /projekt/{id}/mal/{post}/redigera":      "chair, member",
	"POST /projekt/{id}/mal/{post}/redigera":     "chair, member",
	"GET /projekt/{id}/uppdrag/{post}/redigera":  "city owner, project owner",
	"POST /projekt/{id}/uppdrag/{post}/redigera": "city owner, project owner",
	"POST /projekt/{id}/mal/{post}/flytta":       "chair, member",
	"POST /projekt/{id}/uppdrag/{post}/flytta":   "city owner, project owner",
	// Whoever may make a meeting may write the agenda of it.
	"GET /projekt/{id}/dagordning/ny":  "city officer, project owner, leader, secretary, member",
	"POST /projekt/{id}/dagordning/ny": "city officer, project owner, leader, secretary, member",
}

// roomMay looks a route up in the project room's matrix.
func roomMay(route web.Route) (allowed []string, listed bool) {
	may, listed := inRoom[route.Pattern]
	if !listed {
		may, listed = inRoom[route.Action]
	}
	return strings.Split(may, ", "), listed
}
