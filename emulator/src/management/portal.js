// Tells the application that shows this page in a frame what happens in it.
const { organization, applications } = document.currentScript.dataset;
// Firefox does not say who shows the page; then it is told to all that may.
const known = applications.split(" ");
const shownBy = known.filter((application) => location.ancestorOrigins?.contains(application) ?? true);
const tell = (event_type) => {
  const event = { event_type, object: "portal", organization_id: organization, message: "", data: {} };
  // The browser gives the message to nobody else.
  for (const application of shownBy) parent.postMessage(event, application);
};
if (parent !== window) {
  tell("PORTAL_LOAD_SUCCESS");
  for (const button of document.querySelectorAll("[data-event]")) {
    button.addEventListener("click", () => tell(button.dataset.event));
  }
}
