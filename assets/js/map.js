import { createAll, ErrorSummary, ExitThisPage } from "govuk-frontend";

document.body.classList.add("js-enabled", "govuk-frontend-supported");
createAll(ErrorSummary);
createAll(ExitThisPage);
